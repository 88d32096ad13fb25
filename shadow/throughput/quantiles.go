package throughput

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"parallax/shadow/evidence"
)

// quantileMeter collects times. The zero value is empty.
type quantileMeter struct {
	h       *hdrhistogram.Histogram
	atLeast bool
}

// The range of times that are distinguished: shorter and longer ones count as its ends.
const (
	shortest = 100 * time.Nanosecond
	longest  = time.Hour
)

func (q *quantileMeter) record(d time.Duration) {
	if q.h == nil {
		q.h = hdrhistogram.New(int64(shortest), int64(longest), 3)
	}
	_ = q.h.RecordValue(int64(min(max(d, 0), longest))) // within its bounds it refuses nothing
}

func (q *quantileMeter) read() evidence.Quantiles {
	if q.h == nil {
		return evidence.Quantiles{AtLeast: q.atLeast}
	}
	at := func(percent float64) evidence.Duration { return evidence.Duration(q.h.ValueAtQuantile(percent)) }
	return evidence.Quantiles{P50: at(50), P95: at(95), P99: at(99), P999: at(99.9), AtLeast: q.atLeast}
}
