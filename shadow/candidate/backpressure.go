package candidate

import (
	"context"
	"fmt"
	"sync"
	"time"

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
		return fmt.Errorf("v2.backpressure.queue_threshold: %d must be greater than 0", b.QueueThreshold)
	case b.LatencyThresholdMS <= 0:
		return fmt.Errorf("v2.backpressure.latency_threshold_ms: %d must be greater than 0", b.LatencyThresholdMS)
	case t.MinDelayUS <= 0:
		return fmt.Errorf("v2.backpressure.throttle.min_delay_us: %d must be greater than 0", t.MinDelayUS)
	case t.max() < t.min():
		return fmt.Errorf("v2.backpressure.throttle.max_delay_ms: %d must not be shorter than min_delay_us (%d)", t.MaxDelayMS, t.MinDelayUS)
	case !(t.BackoffMultiplier >= 1):
		return fmt.Errorf("v2.backpressure.throttle.backoff_multiplier: %v must be at least 1", t.BackoffMultiplier)
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

// Backlog is what a candidate has before it.
type Backlog struct {
	// Worst is the most records that wait for one partition.
	Worst float64
	// Age is that of the oldest unfinished batch.
	Age time.Duration
}

// PressureMeter turns the candidate's backlog into a state, and that into the source's
// delay. It is safe for concurrent use.
type PressureMeter struct {
	cfg Backpressure

	mu       sync.Mutex
	pressure float64
	report   evidence.Pressure
	delay    time.Duration
}

// NewPressureMeter returns a meter that has seen nothing.
func NewPressureMeter(cfg Backpressure) *PressureMeter { return &PressureMeter{cfg: cfg} }

// Observe takes V2's backlog as it is now.
func (p *PressureMeter) Observe(b Backlog) (pressure float64, s evidence.PressureState) {
	if !p.cfg.Enabled {
		return 0, evidence.Healthy
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pressure = p.of(b)
	s = pressureState(p.pressure)
	p.report.Worst = max(p.report.Worst, s)
	return p.pressure, s
}

// of is the pressure of a backlog.
func (p *PressureMeter) of(b Backlog) float64 {
	queue := b.Worst / float64(p.cfg.QueueThreshold)
	latency := b.Age.Seconds() * 1e3 / float64(p.cfg.LatencyThresholdMS)
	return max(queue, latency)
}

// ReadWith is Read, with a backlog that was not given to Observe.
func (p *PressureMeter) ReadWith(b Backlog) evidence.Pressure {
	rep := p.Read()
	if p.cfg.Enabled {
		rep.Worst = max(rep.Worst, pressureState(p.of(b)))
	}
	return rep
}

// next is how long the source shall wait before its next batch.
func (p *PressureMeter) next() time.Duration {
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

// Wait holds the caller up for next, or until ctx ends, whose error it returns.
func (p *PressureMeter) Wait(ctx context.Context) error {
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

// Read returns what the pressure came to so far.
func (p *PressureMeter) Read() evidence.Pressure {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.report
}

// Last returns what Observe last returned.
func (p *PressureMeter) Last() (float64, evidence.PressureState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pressure, pressureState(p.pressure)
}
