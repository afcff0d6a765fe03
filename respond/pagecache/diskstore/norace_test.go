//go:build !race

package diskstore

// racing: see race_test.go.
const racing = false
