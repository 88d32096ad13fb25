package throughput

import (
	"testing"
	"time"
)

func TestALagGrowsWhereItsLeastIsMoreThanItsGreatestWas(t *testing.T) {
	const perSecond = 1000 // input records
	for _, c := range []struct {
		name    string
		seconds int
		lag     func(second int) int64
		heldUp  func(second int) bool
		want    bool
	}{
		{"none", 300, func(int) int64 { return 0 }, nil, false},
		{"steady", 300, func(s int) int64 { return 50_000 + int64(s%7)*1000 }, nil, false},
		{"growing", 300, func(s int) int64 { return int64(s) * 100 }, nil, true},
		{"growing for a minute", 61, func(s int) int64 { return int64(s) * 100 }, nil, true},
		{"growing for less than a minute", 60, func(s int) int64 { return int64(s) * 100 }, nil, false},
		{"growing within a second of input", 300, func(s int) int64 { return int64(s) * 3 }, nil, false},
		{"caught up for a moment at the end", 300, func(s int) int64 {
			if s == 280 {
				return 0
			}
			return int64(s) * 100
		}, nil, false},
		{"a spike at the beginning", 300, func(s int) int64 {
			if s == 10 {
				return 40_000
			}
			return int64(s) * 100
		}, nil, false},
		{"grown before the last five minutes", 700, func(s int) int64 { return min(int64(s)*100, 30_000) }, nil, false},
		{"shrinking", 300, func(s int) int64 { return 100_000 - int64(s)*100 }, nil, false},
		{"while V2 holds the source up", 300, func(s int) int64 { return int64(s) * 100 }, func(s int) bool { return s%20 == 0 }, false},
		{"after V2 held the source up", 300, func(s int) int64 { return int64(s) * 100 }, func(s int) bool { return s < 200 }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w LagMeter
			begin, read := time.Unix(1_700_000_000, 0), int64(0)
			for s := range c.seconds {
				if s > 0 {
					read += perSecond - (c.lag(s) - c.lag(s-1))
				}
				w.Observe(LagSample{At: begin.Add(time.Duration(s) * time.Second), Left: c.lag(s), Read: read}, c.heldUp != nil && c.heldUp(s))
			}
			if got := w.IsGrowing(); got != c.want {
				t.Errorf("growing is %v", got)
			}
			if len(w.samples) > 301 {
				t.Errorf("%d samples are kept", len(w.samples))
			}
		})
	}
}
