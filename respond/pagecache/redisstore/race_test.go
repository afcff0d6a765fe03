//go:build race

package redisstore_test

const racing = true
