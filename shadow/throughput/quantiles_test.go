package throughput

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/shadow/evidence"
)

// The quantile is the time at the nearest rank. The histogram must agree with sorted times
// to three digits, down to the shortest distinguished time.
func TestQuantilesAreThoseOfTheSortedTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.Int64Range(0, int64(longest)), 1, 300).Draw(t, "times")
		var q quantileMeter
		for _, d := range times {
			q.record(time.Duration(d))
		}
		slices.Sort(times)
		got := q.read()
		for percent, d := range map[float64]evidence.Duration{50: got.P50, 95: got.P95, 99: got.P99, 99.9: got.P999} {
			rank := max(int(math.Floor(percent/100*float64(len(times))+0.5)), 1)
			want := float64(times[rank-1])
			if off := math.Abs(float64(d) - want); off > want/1000+float64(shortest) {
				t.Errorf("p%v of %d times is %v, want %v", percent, len(times), d, time.Duration(want))
			}
		}
	})
}

func TestTimesBeyondTheHistogramCountAsItsBounds(t *testing.T) {
	var q quantileMeter
	q.record(-time.Second)
	q.record(3 * time.Hour)
	q.record(3 * time.Hour)
	if got := q.read(); got.P50.Std() < longest || got.P50.Std() > longest+longest/500 {
		t.Errorf("p50 is %v, want %v", got.P50, longest)
	}
}
