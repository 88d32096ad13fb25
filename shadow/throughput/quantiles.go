package throughput

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Quantiles are of times per batch, to three digits. AtLeast says that batches
// are among them that V2 was given up on, with the time that they had had: the
// figures are then too small rather than too large.
type Quantiles struct {
	P50, P95, P99, P999 time.Duration
	AtLeast             bool
}

// quantileMeter collects times. The zero value is empty.
type quantileMeter struct {
	h       *hdrhistogram.Histogram
	atLeast bool
}

// The times that are told apart: shorter and longer ones count as these.
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

func (q *quantileMeter) read() Quantiles {
	if q.h == nil {
		return Quantiles{AtLeast: q.atLeast}
	}
	at := func(percent float64) time.Duration { return time.Duration(q.h.ValueAtQuantile(percent)) }
	return Quantiles{P50: at(50), P95: at(95), P99: at(99), P999: at(99.9), AtLeast: q.atLeast}
}
