package row

import (
	"fmt"
	"math"
)

// MaxEventTime is the largest event time: 9999-12-31T23:59:59.999Z, in ms. A record
// or row with an event time below 0 or above it takes part in nothing: one absurd
// time must not close every window.
const MaxEventTime = 253_402_300_799_999

// IsEventTime reports whether ms is in the range of event times, [0, MaxEventTime].
func IsEventTime(ms int64) bool { return uint64(ms) <= MaxEventTime }

// CheckEventTime says what is wrong with a time that is not in the range of event
// times: "(-1) is negative". It returns nil for one that is.
func CheckEventTime(ms int64) error {
	switch {
	case ms < 0:
		return fmt.Errorf("(%d) is negative", ms)
	case ms > MaxEventTime:
		return fmt.Errorf("(%d) is after 9999-12-31T23:59:59.999Z, the largest event time", ms)
	}
	return nil
}

// AddTime returns ms + d, or the end of int64 that the sum would be beyond. All
// arithmetic on event times, watermarks and lengths of windows goes through it: a
// sum that wraps would turn the order of times around. NoWatermark and
// FinalWatermark stay what they are, whatever is added.
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
