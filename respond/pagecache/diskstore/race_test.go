//go:build race

package diskstore

// racing: the race detector maps terabytes.
const racing = true
