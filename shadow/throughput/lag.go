package throughput

import (
	"sync"
	"time"
)

const (
	// lagWindow is the period over which LagMeter judges, lagWindowMin the shortest one.
	lagWindow    = 5 * time.Minute
	lagWindowMin = time.Minute
)

// LagSample is the lag at a time.
type LagSample struct {
	At time.Time
	// Left is how many records are left to the end of the input, Read how many were
	// read so far.
	Left, Read int64
}

// LagMeter detects whether the control falls further and further behind its input. The zero
// value is empty. It is safe for concurrent use and reads no clock.
type LagMeter struct {
	mu      sync.Mutex
	samples []LagSample // of at most lagWindow, the oldest first
	// most is the largest lag since TakeMost, hasMost whether there was a sample.
	most    int64
	hasMost bool
}

// Observe adds a sample. If the source was delayed for the candidate since the last sample,
// the control was slower than it can be, so earlier samples are dropped.
func (w *LagMeter) Observe(s LagSample, heldUp bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if heldUp {
		w.samples = w.samples[:0]
	}
	old := 0
	for old < len(w.samples) && s.At.Sub(w.samples[old].At) > lagWindow {
		old++
	}
	w.samples = append(w.samples[:0], w.samples[old:]...)
	w.samples = append(w.samples, s)
	w.most, w.hasMost = max(w.most, s.Left), true
}

// TakeMost returns the largest lag that was observed since it was last called, -1 if none was.
func (w *LagMeter) TakeMost() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	most := w.most
	if !w.hasMost {
		most = -1
	}
	w.most, w.hasMost = 0, false
	return most
}

// IsGrowing reports whether the smallest lag of the last fifth of the window is larger than
// the largest one of the first fifth, and larger than one second of input.
func (w *LagMeter) IsGrowing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.samples) == 0 {
		return false
	}
	first, last := w.samples[0], w.samples[len(w.samples)-1]
	span := last.At.Sub(first.At)
	if span < lagWindowMin {
		return false
	}
	greatest, least := first.Left, last.Left
	for _, s := range w.samples {
		if s.At.Sub(first.At) <= span/5 {
			greatest = max(greatest, s.Left)
		}
		if last.At.Sub(s.At) <= span/5 {
			least = min(least, s.Left)
		}
	}
	cameIn := last.Read - first.Read + last.Left - first.Left
	return least > greatest && float64(least) > float64(cameIn)/span.Seconds()
}
