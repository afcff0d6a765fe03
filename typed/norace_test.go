//go:build !race

package typed_test

const raceDetector = false
