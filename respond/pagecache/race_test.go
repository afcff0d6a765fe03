//go:build race

package pagecache_test

// racing: the race detector multiplies memory and time.
const racing = true
