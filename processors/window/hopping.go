package window

import "math"

// Hopping returns the start of the first and that of the last of the
// windows [start, start+size) that a time is in: they are advance apart, aligned
// to the epoch, and none starts below 0. There are none where first is after
// last: the time is below 0, or, where advance is more than size, between two
// windows. All are in ms.
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
