package row_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

func TestEventTimesEndWithTheYear9999(t *testing.T) {
	if end := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() - 1; end != row.MaxEventTime {
		t.Errorf("the year 9999 ends at %d, not %d", end, int64(row.MaxEventTime))
	}
	for ms, want := range map[int64]bool{
		math.MinInt64: false, -1: false, 0: true, 1: true,
		row.MaxEventTime: true, row.MaxEventTime + 1: false, math.MaxInt64: false,
	} {
		if got := row.IsEventTime(ms); got != want {
			t.Errorf("IsEventTime(%d) = %v", ms, got)
		}
		if err := row.CheckEventTime(ms); (err == nil) != want {
			t.Errorf("CheckEventTime(%d) = %v", ms, err)
		}
	}
}

func TestAddTimeSaturates(t *testing.T) {
	edges := rapid.SampledFrom([]int64{math.MinInt64 + 1, -1, 0, 1, row.MaxEventTime, math.MaxInt64 / 4, math.MaxInt64 - 1, math.MaxInt64, math.MinInt64})
	anyTime := rapid.OneOf(edges, rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		ms, d := anyTime.Draw(t, "ms"), anyTime.Draw(t, "d")
		sum := new(big.Int).Add(big.NewInt(ms), big.NewInt(d))
		want := int64(math.MaxInt64)
		switch {
		case ms == row.NoWatermark || ms == row.FinalWatermark:
			want = ms
		case sum.IsInt64():
			want = sum.Int64()
		case sum.Sign() < 0:
			want = math.MinInt64
		}
		if got := row.AddTime(ms, d); got != want {
			t.Fatalf("AddTime(%d, %d) = %d, want %d", ms, d, got, want)
		}
	})
}
