//go:build race

package jsonx_test

// raceEnabled says that pools drop at random, so that allocations cannot be counted.
const raceEnabled = true
