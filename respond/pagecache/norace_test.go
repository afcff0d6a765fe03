//go:build !race

package pagecache_test

const racing = false
