//go:build race

package client_test

// raceEnabled says that pools forget on purpose, so that allocations cannot be counted.
const raceEnabled = true
