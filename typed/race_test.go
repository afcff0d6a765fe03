//go:build race

package typed_test

// raceDetector says that pools forget on purpose, so that allocations cannot be counted.
const raceDetector = true
