package host

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// CPUReading is how much of the CPUs a process has had so far, and how much it
// could have used.
type CPUReading struct {
	// Used is the process's CPU time, Waited the time for which its threads could
	// have run and had no CPU; both since it began, over all threads.
	Used, Waited time.Duration
	// CPUs is how many it may use at once; 0 is not known.
	CPUs float64
}

// CPUSample is a reading and when it was taken.
type CPUSample struct {
	CPUReading
	At time.Time
}

// CPUMeter takes readings on its own goroutine, so that the control does not pay for them;
// one takes a tenth of a millisecond.
type CPUMeter struct{ latest atomic.Pointer[CPUSample] }

// Latest returns the latest reading; nil before the first.
func (m *CPUMeter) Latest() *CPUSample { return m.latest.Load() }

// Run takes readings until ctx ends.
func (m *CPUMeter) Run(ctx context.Context, every time.Duration, read func() CPUReading) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		m.latest.Store(&CPUSample{read(), time.Now()})
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// quotaEvery is how many readings go by before the quota is read again.
const quotaEvery = 64

// ProcessCPU returns the function that reads the process's CPU time.
func ProcessCPU() func() CPUReading {
	var quota float64
	readings := 0
	return func() (r CPUReading) {
		if readings%quotaEvery == 0 {
			quota = cpuQuota()
		}
		readings++
		r.Used, r.Waited = cpuTimes()
		if r.Used > 0 {
			r.CPUs = float64(runtime.GOMAXPROCS(0))
			if quota > 0 {
				r.CPUs = min(r.CPUs, quota)
			}
		}
		return r
	}
}
