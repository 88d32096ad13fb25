package candidate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"parallax/shadow/evidence"
)

func TestTheWorseOfQueueAndLatencyMakesTheState(t *testing.T) {
	p := &PressureMeter{cfg: DefaultBackpressure()} // 16,000 records, 100 ms
	for _, c := range []struct {
		records float64
		age     time.Duration
		want    evidence.PressureState
	}{
		{0, 0, evidence.Healthy},
		{11_199, 69 * time.Millisecond, evidence.Healthy},
		{11_200, 0, evidence.Warning},
		{0, 70 * time.Millisecond, evidence.Warning},
		{13_600, 0, evidence.Critical},
		{11_200, 85 * time.Millisecond, evidence.Critical},
		{15_200, 0, evidence.Saturated},
		{0, 10 * time.Second, evidence.Saturated},
		{0, 0, evidence.Healthy},
	} {
		if _, got := p.Observe(Backlog{c.records, c.age}); got != c.want {
			t.Errorf("%v records and %v are %s, want %s", c.records, c.age, got, c.want)
		}
	}
	if worst := p.Read().Worst; worst != evidence.Saturated {
		t.Errorf("the worst is %s", worst)
	}
}

func TestWhatIsSwitchedOffIsHealthyWhateverComes(t *testing.T) {
	p := &PressureMeter{}
	if pressure, s := p.Observe(Backlog{1e9, time.Hour}); pressure != 0 || s != evidence.Healthy || p.next() != 0 {
		t.Errorf("pressure %v, %s", pressure, s)
	}
}

func TestDelaysGrowToTheirMostAndEndWithThePressure(t *testing.T) {
	p := &PressureMeter{cfg: DefaultBackpressure()}
	high, none := Backlog{Age: 80 * time.Millisecond}, Backlog{}
	for i, want := range []time.Duration{100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000} {
		p.Observe(high)
		if got := p.next(); got != want*time.Microsecond {
			t.Errorf("delay %d is %v, want %vµs", i, got, int64(want))
		}
	}
	p.Observe(none)
	if got := p.next(); got != 0 {
		t.Errorf("healthy, and the delay is %v", got)
	}
	p.Observe(high)
	if got := p.next(); got != 100*time.Microsecond {
		t.Errorf("under pressure again, and the delay is %v", got)
	}
}

// Whatever the pressure does, a delay is none or within its bounds, and never
// shorter than the one before it while the pressure lasts.
func TestDelaysStayWithinTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultBackpressure()
		cfg.Throttle = Throttle{
			MinDelayUS: rapid.IntRange(1, 1000).Draw(t, "min"), MaxDelayMS: rapid.IntRange(1, 50).Draw(t, "max"),
			BackoffMultiplier: rapid.Float64Range(1, 10).Draw(t, "multiplier"),
		}
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		p := &PressureMeter{cfg: cfg}
		before := time.Duration(0)
		for _, ms := range rapid.SliceOf(rapid.IntRange(0, 150)).Draw(t, "latencies") {
			_, s := p.Observe(Backlog{Age: time.Duration(ms) * time.Millisecond})
			d := p.next()
			switch {
			case s == evidence.Healthy && d != 0:
				t.Errorf("healthy, and the delay is %v", d)
			case s != evidence.Healthy && (d < cfg.Throttle.min() || d > cfg.Throttle.max() || d < before):
				t.Errorf("%s, and the delay is %v after %v", s, d, before)
			}
			before = d
		}
	})
}

func TestTheWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultBackpressure()
		cfg.Throttle = Throttle{MinDelayUS: 5_000_000, MaxDelayMS: 5_000, BackoffMultiplier: 1}
		p := &PressureMeter{cfg: cfg}
		p.Observe(Backlog{Age: time.Hour})
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := p.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := p.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 7*time.Second || p.Read().Throttled.Std() != took {
			t.Errorf("waited for %v, and counted %v; want 7s", took, p.Read().Throttled)
		}
	})
}

func TestBackpressureNamesWhatCannotBeRun(t *testing.T) {
	for want, change := range map[string]func(*Backpressure){
		"v2.backpressure.queue_threshold: 0":                                                    func(b *Backpressure) { b.QueueThreshold = 0 },
		"v2.backpressure.latency_threshold_ms: -1":                                              func(b *Backpressure) { b.LatencyThresholdMS = -1 },
		"v2.backpressure.throttle.min_delay_us: 0":                                              func(b *Backpressure) { b.Throttle.MinDelayUS = 0 },
		"v2.backpressure.throttle.max_delay_ms: 1 must not be shorter than min_delay_us (2000)": func(b *Backpressure) { b.Throttle.MinDelayUS, b.Throttle.MaxDelayMS = 2000, 1 },
		"v2.backpressure.throttle.backoff_multiplier: 0.5 must be at least 1":                   func(b *Backpressure) { b.Throttle.BackoffMultiplier = 0.5 },
	} {
		b := DefaultBackpressure()
		change(&b)
		if err := b.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		b.Enabled = false
		if err := b.Validate(); err != nil {
			t.Errorf("switched off, and %v", err)
		}
	}
}
