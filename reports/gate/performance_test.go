package gate_test

import (
	"strings"
	"testing"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

func TestThePerformanceGateSpeaksOnlyOfAV2ThatIsRight(t *testing.T) {
	isolated := func(r evidence.Ratio) evidence.Throughput { return evidence.Throughput{Isolated: &r} }
	contended := func(r evidence.Ratio) evidence.Throughput { return evidence.Throughput{Contended: r} }
	measured := func(low, high float64) evidence.Throughput {
		return isolated(evidence.Ratio{Value: evidence.Figure((low + high) / 2), CI95: evidence.Interval{low, high}, Batches: 32})
	}
	for _, c := range []struct {
		name   string
		speed  evidence.Throughput
		change func(*gate.Evidence)
		state  gate.State
		code   int
		reason string
	}{
		{"all of the interval above the bound", measured(1.4, 1.6), nil, gate.Pass, 0, "V2's speed is 1.50 (95 % interval 1.40 to 1.60, isolated) of V1's, and at least 0.90 is required"},
		{"a little slower, as is allowed", measured(0.9, 0.95), nil, gate.Pass, 0, "at least 0.90"},
		{"all of it below", measured(0.5, 0.89), nil, gate.Fail, 4, "V2 is right but too slow"},
		{"across the bound", measured(0.85, 1.2), nil, gate.Inconclusive, 3, "needs more records to decide"},
		{"up to the bound", measured(0.85, 0.9), nil, gate.Inconclusive, 3, "needs more records to decide"},
		{"not comparable", contended(evidence.Ratio{Why: "V2 was detached"}), nil, gate.Inconclusive, 3, "the speeds are not comparable: V2 was detached"},
		{"too few batches", contended(evidence.Ratio{Value: 2, CI95: evidence.Interval{2, 2}, Batches: 3}), nil, gate.Inconclusive, 3, "needs 27 more batches"},
		{"no interval", contended(evidence.Ratio{Value: 2, Batches: 200}), nil, gate.Inconclusive, 3, "2.00 of V1's (contended), without a confidence interval"},
		{"slow and wrong is wrong", measured(0.5, 0.6), func(e *gate.Evidence) { e.Diff.Root = 1 }, gate.Fail, 1, "1 root divergence"},
		{"slow and not shown to be right is not shown", measured(0.5, 0.6), func(e *gate.Evidence) { e.Diff.Outputs[0].Units = 5 }, gate.Inconclusive, 3, "keys and windows of by-minute"},
		{"fast and wrong is wrong", measured(3, 4), func(e *gate.Evidence) { e.Ledger.Gap = 1 }, gate.Error, 2, "in no bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, slowdown := gate.DefaultPolicy(), 0.1
			p.MaxSlowdown = &slowdown
			e := good()
			e.Throughput = c.speed
			if c.change != nil {
				c.change(&e)
			}
			v := gate.Decide(p, e)
			if v.State != c.state || v.Code() != c.code || !strings.Contains(v.Reason, c.reason) {
				t.Errorf("%s, code %d: %s; want %s, %d: %s", v.State, v.Code(), v.Reason, c.state, c.code, c.reason)
			}
		})
	}
}

func TestWithoutMaxSlowdownSpeedIsNobodysBusiness(t *testing.T) {
	for _, s := range []evidence.Ratio{{}, {Why: "V2 was detached"}, {Value: 0.1, CI95: evidence.Interval{0.1, 0.1}, Batches: 100}} {
		e := good()
		e.Throughput.Contended = s
		if v := gate.Decide(gate.DefaultPolicy(), e); v.State != gate.Pass || strings.Contains(v.Reason, "speed") {
			t.Errorf("%+v: %s: %s", s, v.State, v.Reason)
		}
	}
}

func TestMaxSlowdownIsAPartOfV1sSpeed(t *testing.T) {
	for _, s := range []float64{-0.1, 1, 2} {
		p := gate.DefaultPolicy()
		p.MaxSlowdown = &s
		if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), "gate.max_slowdown: ") {
			t.Errorf("%v: %v", s, err)
		}
	}
}
