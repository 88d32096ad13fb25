package candidate

import (
	"log/slog"
	"time"

	"parallax/processors"
	"parallax/shadow/guard"
)

// Finish ends the candidate, after it had up to its deadline for what it was offered. One
// that was detached is left behind: it may hang in anything.
func (c *Candidate) Finish() {
	if !c.Drain() {
		return
	}
	endWithin(c.cfg.Deadline, c.log, func() { c.leave(c.currentProcessor()) })
}

// Discard closes a processor that never ran, and waits for that at most a time.
func Discard(p processors.Processor, within time.Duration, log *slog.Logger) {
	endWithin(within, log, func() { shut(p, log, nil) })
}

// endWithin waits for the end of a processor, but not for longer than a time.
func endWithin(most time.Duration, log *slog.Logger, end func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		end()
	}()
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
		log.Warn("V2 did not close within its deadline and was abandoned", "deadline", most)
	}
}

// Drain waits until the candidate has finished what it was offered, after which it gets
// no more; false if it was detached.
func (c *Candidate) Drain() bool {
	c.mu.Lock()
	c.releaseLocked()
	c.queue.closed = true
	if c.state == Running || c.state == CatchingUp {
		c.drainLocked()
	}
	c.changed.Broadcast()
	for !c.state.isFinal() {
		c.changed.Wait()
	}
	drained := c.state == Closed
	c.mu.Unlock()
	if drained {
		c.running.Wait()
	}
	return drained
}

// drainLocked is the beginning of the end of a candidate that gets no more batches.
func (c *Candidate) drainLocked() {
	if c.isIdle() {
		c.enter(Closed)
	} else {
		c.enter(Draining)
	}
}

// leave takes a processor's last word and closes it. After that nothing here holds on to
// it, so that its memory can be had again.
func (c *Candidate) leave(p processors.Processor) {
	c.cancel()
	c.Partitions()
	c.Describe()
	c.stats.end()
	c.word.end()
	c.release()
	shut(p, c.log, c.redact)
}

// forget releases a processor that was handed to the candidate's successor.
func (c *Candidate) forget() {
	c.cancel()
	c.stats.handOver()
	c.word.handOver()
	c.release()
}

func (c *Candidate) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.processor = nil
}

// shut closes a processor. A failure in that is logged and changes nothing.
func shut(p processors.Processor, log *slog.Logger, redact func(string) string) {
	if err := guard.Redacted(guard.Call(p.Close), redact); err != nil {
		log.Warn("closing V2", "error", guard.FirstLine(err))
	}
}

// A goroutine cannot be ended from outside. A processor that hangs keeps its goroutines
// and its copy of the control's state, so only a few may be left behind in that way.

// leakEvery is how often a processor that was closed is asked whether goroutines of its
// own still run.
const leakEvery = time.Second

// leaker is a processor that knows how many of its goroutines still run after Close.
type leaker interface {
	Leaked() int
}

// end closes the processor of a candidate that was detached, nil for one that was not
// made yet, and notes when nothing of it runs any more. It calls the processor, which may
// hang.
func (c *Candidate) end(p processors.Processor) {
	if p != nil {
		c.leave(p)
	}
	c.running.Wait()
	if l, ok := p.(leaker); ok {
		for isLeaking(l) {
			time.Sleep(leakEvery)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enter(Ended)
}

// isLeaking reports whether a processor says that goroutines of its own still run.
func isLeaking(l leaker) (is bool) {
	defer guard.IgnorePanic()
	return l.Leaked() > 0
}
