package limits

import (
	"math"
	"testing"
	"time"

	"parallax/processors/row"
)

func TestATimestampIsMovedToTheNearestThatTheTopicTakes(t *testing.T) {
	now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC).UnixMilli()
	const hour, minute = 3_600_000, 60_000
	within := Times{Before: 24 * hour, After: hour}
	for _, c := range []struct {
		shows  string
		limits Times
		ms     int64
		want   int64
	}{
		{"any", AnyTime, now + 1000*hour, now + 1000*hour},
		{"the epoch", AnyTime, 0, 0},
		{"the client writes none after 2262", AnyTime, row.MaxEventTime, math.MaxInt64 / 1_000_000},
		{"nor before 1677", AnyTime, math.MinInt64, -(math.MaxInt64 / 1_000_000)},
		{"now", within, now, now},
		{"within the limit, clocks differ by up to a minute", within, now + hour - minute, now + hour - minute},
		{"beyond", within, now + hour - minute + 1, now + hour - minute},
		{"far beyond", within, row.MaxEventTime, now + hour - minute},
		{"too old", within, 0, now - 24*hour + minute},
		{"no time after the broker's", Times{Before: Unlimited, After: 0}, now + 1, now},
	} {
		if got := c.limits.Allowed(c.ms, now); got != c.want {
			t.Errorf("%s: %d is written as %d, want %d", c.shows, c.ms, got, c.want)
		}
	}
}
