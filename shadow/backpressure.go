package shadow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"parallax/processors"
	"parallax/shadow/evidence"
)

// Backpressure is the job file's `v2.backpressure:`. It says when V2 counts as
// falling behind, and how the source is slowed down then. Only on_overload:
// block slows it down; under shed V1 is never throttled, and the state is only
// shown.
type Backpressure struct {
	// Enabled measures V2's pressure and, under on_overload: block, slows the source down.
	Enabled bool `koanf:"enabled"`
	// QueueThreshold is how many records may wait for one of V2's partitions before the
	// pressure is 1.
	QueueThreshold int `koanf:"queue_threshold"`
	// LatencyThresholdMS, in milliseconds, is how old V2's oldest unfinished batch may be
	// before the pressure is 1.
	LatencyThresholdMS int `koanf:"latency_threshold_ms"`
	// Throttle says how the source is slowed down.
	Throttle Throttle `koanf:"throttle"`
}

// Throttle is `v2.backpressure.throttle:`. The source waits MinDelayUS before a
// batch, BackoffMultiplier times as long before the next one, up to MaxDelayMS,
// as long as the state is warning or worse; not at all once it is healthy.
type Throttle struct {
	// MinDelayUS, in microseconds, is the first wait before a batch.
	MinDelayUS int `koanf:"min_delay_us"`
	// MaxDelayMS, in milliseconds, is the longest wait before a batch.
	MaxDelayMS int `koanf:"max_delay_ms"`
	// BackoffMultiplier is how many times longer each wait is than the one before.
	BackoffMultiplier float64 `koanf:"backoff_multiplier"`
}

// DefaultBackpressure returns the defaults.
func DefaultBackpressure() Backpressure {
	return Backpressure{
		Enabled: true, QueueThreshold: 16_000, LatencyThresholdMS: 100,
		Throttle: Throttle{MinDelayUS: 100, MaxDelayMS: 10, BackoffMultiplier: 2},
	}
}

// Validate names the field and the value that cannot be run. What is switched
// off may say anything.
func (b Backpressure) Validate() error {
	t := b.Throttle
	switch {
	case !b.Enabled:
	case b.QueueThreshold <= 0:
		return fmt.Errorf("v2.backpressure.queue_threshold: %d is not above zero", b.QueueThreshold)
	case b.LatencyThresholdMS <= 0:
		return fmt.Errorf("v2.backpressure.latency_threshold_ms: %d is not above zero", b.LatencyThresholdMS)
	case t.MinDelayUS <= 0:
		return fmt.Errorf("v2.backpressure.throttle.min_delay_us: %d is not above zero", t.MinDelayUS)
	case t.max() < t.min():
		return fmt.Errorf("v2.backpressure.throttle.max_delay_ms: %d is below min_delay_us (%d)", t.MaxDelayMS, t.MinDelayUS)
	case !(t.BackoffMultiplier >= 1):
		return fmt.Errorf("v2.backpressure.throttle.backoff_multiplier: %v is below 1", t.BackoffMultiplier)
	}
	return nil
}

func (t Throttle) min() time.Duration { return time.Duration(t.MinDelayUS) * time.Microsecond }
func (t Throttle) max() time.Duration { return time.Duration(t.MaxDelayMS) * time.Millisecond }

// pressureState is the state at a pressure. The states begin at 0, 0.70, 0.85 and 0.95.
func pressureState(pressure float64) evidence.PressureState {
	switch {
	case pressure >= 0.95:
		return evidence.Saturated
	case pressure >= 0.85:
		return evidence.Critical
	case pressure >= 0.70:
		return evidence.Warning
	}
	return evidence.Healthy
}

// backlog is what V2 has before it.
type backlog struct {
	// worst is the most records that wait for one partition.
	worst float64
	// age is that of the oldest unfinished batch.
	age time.Duration
}

// backpressure turns V2's backlog into a state, and that into the source's
// delay. It is safe for concurrent use.
type backpressure struct {
	cfg Backpressure

	mu       sync.Mutex
	pressure float64
	report   evidence.Pressure
	delay    time.Duration
}

// observe takes V2's backlog as it is now.
func (p *backpressure) observe(b backlog) (pressure float64, s evidence.PressureState) {
	if !p.cfg.Enabled {
		return 0, evidence.Healthy
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := b.worst / float64(p.cfg.QueueThreshold)
	latency := b.age.Seconds() * 1e3 / float64(p.cfg.LatencyThresholdMS)
	p.pressure = max(queue, latency)
	s = pressureState(p.pressure)
	p.report.Worst = max(p.report.Worst, s)
	return p.pressure, s
}

// next is how long the source shall wait before its next batch.
func (p *backpressure) next() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.cfg.Throttle
	switch {
	case pressureState(p.pressure) == evidence.Healthy:
		p.delay = 0
	case p.delay == 0:
		p.delay = t.min()
	default:
		p.delay = min(time.Duration(float64(p.delay)*t.BackoffMultiplier), t.max())
	}
	return p.delay
}

// wait holds the caller up for next, or until ctx ends, whose error it returns.
func (p *backpressure) wait(ctx context.Context) error {
	delay := p.next()
	if delay == 0 {
		return nil
	}
	begin := time.Now()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.Throttled += evidence.Duration(time.Since(begin))
	return err
}

func (p *backpressure) read() evidence.Pressure {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.report
}

// backlog is what V2 has before it now. Records that are not routed yet will
// spread over the partitions as those before them did. stats are V2's own counts
// of now. ok is false where that says nothing of V2: while it is held.
func (c *candidate) backlog(stats []processors.PartitionStats) (b backlog, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holds != nil {
		return b, false
	}
	if c.gone != nil {
		return b, true
	}
	unrouted := 0
	for _, batch := range c.queue {
		unrouted += batch.Len()
	}
	if len(stats) == 0 { // it does not say
		b.worst = float64(unrouted)
	}
	total := int64(0)
	for _, p := range stats {
		total += p.Records
	}
	for _, p := range stats {
		b.worst = max(b.worst, float64(p.QueuedRecords)+float64(unrouted)*share(p, total, len(stats)))
	}
	b.age = c.age(time.Now())
	return b, true
}

// age is that of V2's oldest unfinished batch. Called with mu held.
func (c *candidate) age(now time.Time) time.Duration {
	if len(c.offered) == 0 {
		return 0
	}
	return now.Sub(c.offered[0].at)
}

// oldestAge is the largest age that there was, also where nobody could observe
// it: while the runner waited for V2.
func (c *candidate) oldestAge() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.oldest
}

// share is the part of the records that one of n partitions got so far.
func share(p processors.PartitionStats, total int64, n int) float64 {
	if total == 0 {
		return 1 / float64(n)
	}
	return float64(p.Records) / float64(total)
}

// throttle observes the pressure on V2 and, under on_overload: block, holds the
// source up as long as it is too high. ctx cuts that short.
func (r *Runner) throttle(ctx context.Context) error {
	if r.candidate == nil {
		return nil
	}
	r.observePressure(r.candidate)
	if r.job.Config.V2.OnOverload != Block {
		return nil
	}
	return r.pressure.wait(ctx)
}

// observePressure returns the pressure on a V2 as it is now; while that is held, as
// it was before.
func (r *Runner) observePressure(c *candidate) (float64, evidence.PressureState) {
	stats := c.partitions()
	r.partitions.See(stats)
	if b, ok := c.backlog(stats); ok {
		return r.pressure.observe(b)
	}
	return r.pressure.last()
}

func (p *backpressure) last() (float64, evidence.PressureState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pressure, pressureState(p.pressure)
}
