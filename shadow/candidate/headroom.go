package candidate

import (
	"context"
	"fmt"
	"time"

	"parallax/shadow/host"
)

// Headroom says whether there is a CPU for the candidate. A candidate that keeps up uses a
// share of the CPUs. Where none is left, that share is the control's: its source then
// never waits, and it gets further behind than it would by itself. The runner's goroutine
// owns it; the measurements that it uses are made elsewhere.
type Headroom struct {
	cfg   Config
	meter *host.CPUMeter // nil where the CPU is not measured
	stop  context.CancelFunc
	// sourceWaited is how long the control's source has waited for input so far.
	sourceWaited func() time.Duration

	last   host.CPUSample
	waited time.Duration // by the control's source, at last
	// tight is how long the control has been saturated with no CPU left, less the time in
	// which it was not; roomy is how long there has been room.
	tight, roomy time.Duration
	left         float64 // CPUs, in the latest period
}

const (
	// saturatedBelow is the largest share of time that the source of a saturated control
	// waits, idleFrom the smallest one of a control that has time left.
	saturatedBelow = 0.05
	idleFrom       = 0.20
	// roomFor is how many times v2.spare_cpu has to be free for the candidate to return.
	// It is more than once, so that the candidate is not detached and returned in turns.
	roomFor = 3
)

// NewHeadroom returns one whose CPU is measured until Close; one that always has room
// where that does not matter, or cannot be known. waited is how long the control's source
// has waited for input, nil where that is not known; cpu is what the process has used of the
// CPUs, nil for its own count.
func NewHeadroom(ctx context.Context, cfg Config, waited func() time.Duration, cpu func() host.CPUReading) Headroom {
	h := Headroom{cfg: cfg, sourceWaited: waited}
	if waited == nil || cfg.OnOverload != Shed || cfg.SpareCPU == 0 {
		return h
	}
	if cpu == nil {
		cpu = host.ProcessCPU()
	}
	h.meter = &host.CPUMeter{}
	ctx, h.stop = context.WithCancel(ctx)
	go h.meter.Run(ctx, min(max(cfg.ShedAfter/4, 20*time.Millisecond), 100*time.Millisecond), cpu)
	return h
}

// Close ends the measurement.
func (h *Headroom) Close() {
	if h.stop != nil {
		h.stop()
	}
}

// look takes in what was measured since it last looked.
func (h *Headroom) look() {
	if h.meter == nil {
		return
	}
	if m := h.meter.Latest(); m != nil && m.At != h.last.At {
		h.observe(*m, h.sourceWaited())
	}
}

func (h *Headroom) observe(m host.CPUSample, waited time.Duration) {
	before, period := h.last, m.At.Sub(h.last.At)
	idle := waited - h.waited
	h.last, h.waited = m, waited
	if before.At.IsZero() || m.CPUs == 0 || period <= 0 {
		return
	}
	// Threads that ended took with them how long they had waited.
	wanted := m.Used - before.Used + max(0, m.Waited-before.Waited)
	h.left = max(0, m.CPUs-wanted.Seconds()/period.Seconds())
	spare := h.cfg.SpareCPU * min(1, m.CPUs)
	share := idle.Seconds() / period.Seconds()
	switch {
	case share >= saturatedBelow:
		h.tight = 0
	case h.left < spare:
		h.tight += period
	default:
		h.tight = max(0, h.tight-period)
	}
	if share >= idleFrom || h.left >= roomFor*spare {
		h.roomy += period
	} else {
		h.roomy = 0
	}
}

// Forget drops what was seen so far: the candidate goes, or comes.
func (h *Headroom) Forget() { h.tight, h.roomy = 0, 0 }

// missing says why there is no CPU for V2; nil while there is.
func (h *Headroom) missing() error {
	if h.tight < h.cfg.ShedAfter {
		return nil
	}
	return fmt.Errorf("V1 is saturated and no CPU is left for V2: for %v a next batch was always ready, and %.2f of %v CPUs were free (set v2.on_overload: block to compare every record nevertheless)",
		h.tight.Round(time.Millisecond), h.left, h.last.CPUs)
}

// HasRoom reports whether there has been room for V2, for as long as it would have to
// be missing for V2 to go.
func (h *Headroom) HasRoom() bool { return h.meter == nil || h.roomy >= h.cfg.ShedAfter }

// Yield gives the candidate up where the control needs its CPU. One that is still being
// given its state is not: what that takes is bounded by how seldom it comes, and a large
// state would never arrive.
func (h *Headroom) Yield(c *Candidate) {
	h.look()
	if c.IsComing() {
		h.Forget()
	}
	if reason := h.missing(); reason != nil && c.Attached() {
		c.Shed(reason)
		h.Forget()
	}
}
