// Package window computes the windows that contain a time. It has no state and does not
// know groups.
//
// Stability: ours.
package window

// Tumbling returns the start of the window of a size that a time is in:
// windows are [start, start+size), aligned to the epoch. ok is false where the
// window would start below 0. All are in ms.
func Tumbling(t, size int64) (start int64, ok bool) {
	if t < 0 {
		return 0, false
	}
	return t - t%size, true
}
