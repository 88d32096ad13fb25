//go:build race

package shadow_test

// raceDetector says that the race detector watches.
const raceDetector = true
