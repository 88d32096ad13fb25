package cluster

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

// asFetched is the time.Time that the client makes of a timestamp.
func asFetched(ms int64) time.Time { return time.Unix(0, ms*1_000_000) }

func TestATimestampBeyondTheClientsNanosecondsIsReadExactly(t *testing.T) {
	edges := rapid.SampledFrom([]int64{-1, 0, 1, math.MaxInt64 / 1_000_000, math.MaxInt64/1_000_000 + 1, row.MaxEventTime, row.MaxEventTime + 1})
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.OneOf(edges, rapid.Int64Range(-1<<57, 1<<57-1)).Draw(t, "ms")
		if got := Millis(asFetched(ms)); got != ms {
			t.Fatalf("%d is read as %d", ms, got)
		}
	})
	if got := Millis(asFetched(math.MaxInt64)); row.IsEventTime(got) {
		t.Errorf("the largest number is taken for event time %d", got)
	}
}
