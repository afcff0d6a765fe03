//go:build race

package bind_test

// raceDetector says that pools forget on purpose, so that allocations cannot be counted.
const raceDetector = true
