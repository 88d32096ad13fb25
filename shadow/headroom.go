package shadow

import (
	"context"
	"fmt"
	"time"

	"parallax/shadow/host"
)

// Waiter is a Source that knows how long it has had nothing to give. Waited is how
// long Next has waited so far for input that had not come: what is there, and has
// yet to be fetched or decoded, is not waited for. It is called by the goroutine
// that calls Next.
type Waiter interface {
	Waited() time.Duration
}

// headroom says whether there is a CPU for V2. V2 that keeps up takes its share of
// the CPUs like anybody, and where none is left that is V1's: V1's source then
// never waits, and V1 gets further behind than it would by itself. It belongs to
// the runner's goroutine; what it goes by is measured elsewhere.
type headroom struct {
	cfg   V2Config
	meter *host.CPUMeter // nil where nobody says what there is
	stop  context.CancelFunc

	last   host.CPUSample
	waited time.Duration // by V1's source, at last
	// tight is for how long, on balance, V1 has been saturated with no CPU left;
	// roomy for how long there has been room.
	tight, roomy time.Duration
	left         float64 // CPUs, in the latest period
}

const (
	// saturatedBelow is the share of time for which the source of a saturated V1 may
	// wait, idleFrom that of a V1 that has time left.
	saturatedBelow = 0.05
	idleFrom       = 0.20
	// roomFor is how many times v2.spare_cpu has to be left for V2 to come back: a
	// distance from what it goes at, so that it does not come and go.
	roomFor = 3
)

// newHeadroom returns that of a job, with its CPU being measured until stop; one
// that always has room where that does not matter, or cannot be known.
func newHeadroom(ctx context.Context, job *Job) headroom {
	h := headroom{cfg: job.Config.V2}
	if _, knows := job.Source.(Waiter); !knows || job.V2 == nil || h.cfg.OnOverload != Shed || h.cfg.SpareCPU == 0 {
		return h
	}
	read := job.CPU
	if read == nil {
		read = host.ProcessCPU()
	}
	h.meter = &host.CPUMeter{}
	ctx, h.stop = context.WithCancel(ctx)
	go h.meter.Run(ctx, min(max(h.cfg.ShedAfter/4, 20*time.Millisecond), 100*time.Millisecond), read)
	return h
}

// close ends the measurement.
func (h *headroom) close() {
	if h.stop != nil {
		h.stop()
	}
}

// look takes in what was measured since it last looked.
func (h *headroom) look(s Source) {
	if h.meter == nil {
		return
	}
	if m := h.meter.Latest(); m != nil && m.At != h.last.At {
		h.observe(*m, s.(Waiter).Waited())
	}
}

func (h *headroom) observe(m host.CPUSample, waited time.Duration) {
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

// anew forgets what was: V2 goes, or comes.
func (h *headroom) anew() { h.tight, h.roomy = 0, 0 }

// none says why there is no CPU for V2; nil while there is.
func (h *headroom) none() error {
	if h.tight < h.cfg.ShedAfter {
		return nil
	}
	return fmt.Errorf("V1 is saturated and no CPU is left for V2: for %v there was always a next batch, and %.2f of %v CPUs were left (v2.on_overload: block compares every record all the same)",
		h.tight.Round(time.Millisecond), h.left, h.last.CPUs)
}

// some reports whether there has been room for V2, for as long as it would have to
// be missing for V2 to go.
func (h *headroom) some() bool { return h.meter == nil || h.roomy >= h.cfg.ShedAfter }

// yield gives V2 up where V1 needs its CPU. One that is still being given its state
// is not: what that takes is bounded by how seldom it comes, and a large state would
// never arrive.
func (r *Runner) yield() {
	r.headroom.look(r.job.Source)
	if r.candidate.coming() {
		r.headroom.anew()
	}
	if reason := r.headroom.none(); reason != nil && r.candidate.Attached() {
		r.candidate.detach(overloaded, reason)
		r.headroom.anew()
	}
}
