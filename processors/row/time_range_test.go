package row_test

import (
	"math"
	"testing"

	"parallax/processors/row"
)

// By java.lang.Math.floorDiv and toIntExact: a DATE has 32 bits.
func TestTheDayOfATimeIsADate(t *testing.T) {
	for _, c := range []struct {
		ms, days int64
		ok       bool
	}{
		{-1, -1, true},
		{86_399_999, 0, true},
		{185542587187199999, math.MaxInt32, true},
		{185542587187200000, 0, false},
		{-185542587187200000, math.MinInt32, true},
		{-185542587187200001, 0, false},
		{math.MaxInt64, 0, false},
		{math.MinInt64, 0, false},
	} {
		days, ok := row.DateOf(c.ms)
		if ok != c.ok || ok && days != c.days {
			t.Errorf("%d: %d, %v", c.ms, days, ok)
		}
	}
	if got := row.TimeOf(math.MinInt64); got != 60_424_192 { // 16:47:04.192
		t.Errorf("the time of the first ms is %d", got)
	}
}
