//go:build race

package rules_test

// raceDetector says that pools forget on purpose, so that allocations cannot be counted.
const raceDetector = true
