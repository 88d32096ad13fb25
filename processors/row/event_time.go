package row

import (
	"fmt"
	"math"
)

// MaxEventTime is the largest event time: 9999-12-31T23:59:59.999Z, in ms. Records and rows
// with an event time below 0 or above it are not processed, because one absurd time would
// close every window.
const MaxEventTime = 253_402_300_799_999

// IsEventTime reports whether ms is in the range of event times, [0, MaxEventTime].
func IsEventTime(ms int64) bool { return uint64(ms) <= MaxEventTime }

// CheckEventTime returns an error for a time outside the range of event times, such as
// "(-1) is negative", and nil for the others.
func CheckEventTime(ms int64) error {
	switch {
	case ms < 0:
		return fmt.Errorf("(%d) is negative", ms)
	case ms > MaxEventTime:
		return fmt.Errorf("(%d) is after 9999-12-31T23:59:59.999Z, the largest event time", ms)
	}
	return nil
}

// AddTime returns ms + d, or the smallest or largest int64 if the sum overflows. Use it for
// all arithmetic on event times, watermarks and window lengths, because an overflow would
// reverse the order of times. NoWatermark and FinalWatermark stay unchanged by any d.
func AddTime(ms, d int64) int64 {
	if ms == NoWatermark || ms == FinalWatermark {
		return ms
	}
	sum := ms + d
	if (sum > ms) == (d > 0) || d == 0 {
		return sum
	}
	if d > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}
