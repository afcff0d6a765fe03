//go:build race

package validate_test

// raceDetector says that pools forget on purpose, so that allocations cannot be counted.
const raceDetector = true
