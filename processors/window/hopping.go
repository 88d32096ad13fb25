package window

import "math"

// Hopping returns the starts of the first and the last window [start, start+size) that
// contain the time t. Windows start every advance, aligned to the epoch, and none starts
// below 0. If first is after last, there is no such window: t is negative or, if advance is
// larger than size, between two windows. All values are in ms.
func Hopping(t, size, advance int64) (first, last int64) {
	if t < 0 {
		return 0, -1
	}
	last = t - t%advance
	if t < size {
		return 0, last
	}
	// The first start above t-size.
	if first = (t - size) / advance * advance; first > math.MaxInt64-advance {
		return 0, -1 // the next window would start beyond the end of time
	}
	return first + advance, last
}
