package gate_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// good is evidence that passes the default policy.
func good() gate.Evidence {
	return gate.Evidence{At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Report: evidence.Report{
		Ledger: diff.Ledger{Compared: 19_000, Filtered: 900, Undecodable: 100}, Require: diff.E3,
		Diff: diff.Result{LevelHeld: diff.E1, Outputs: []diff.Output{{
			Topic: "by-minute", LevelHeld: diff.E1, Rows: 19_000, Unit: diff.UnitKeyWindow, Units: 5_000, Keys: 1_200, ClosedWindows: 4_000,
		}}},
		Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "extra", Class: "extra", Injected: 9, Detected: 9}}},
		EventSpan:   10 * 60_000, WindowSize: 60_000, WindowGrace: 10_000, Lateness: 4_000, Late: 900,
		Candidate: evidence.Candidate{
			Implementation: "V2", Partitions: []evidence.Partition{{Records: 5_000}, {}, {Records: 8_000}, {Records: 6_900}},
			Routing: []evidence.Routing{{Output: "BY_MINUTE", Records: []int64{5_000, 0, 8_000, 6_900}, Strategy: "always_hash", Why: "by the hash of the key"}},
		},
	}}
}

// tolerated is a rule that has tolerated some rows of by-minute.
func tolerated(rows int64, expires diff.Day) []diff.Tolerated {
	return []diff.Tolerated{{Rule: diff.Rule{Owner: "us", MaxRate: 0.01, Expires: expires}, Text: "TOTAL: within 8", Rows: rows, Of: 19_000}}
}

func TestEachRuleOfTheGate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*gate.Evidence)
		state  gate.State
		reason string
	}{
		{"all is well", func(*gate.Evidence) {}, gate.Pass, "19,900 records and 5,000 keys and windows held E1"},
		{"the ledger does not add up", func(e *gate.Evidence) { e.Ledger.Gap = 1 }, gate.Error, "1 records are in no bucket"},
		{"the tool failed", func(e *gate.Evidence) { e.Broken = "out of ink" }, gate.Error, "out of ink"},
		{"a root divergence", func(e *gate.Evidence) { e.Diff.Root, e.Diff.ByClass = 1, map[diff.Class]int64{diff.ValueClass: 1} }, gate.Fail, "1 root divergence at level E3 (value)"},
		{"pending", func(e *gate.Evidence) { e.Ledger.Pending = 5 }, gate.Inconclusive, "5 pending"},
		{"pending while the run goes on", func(e *gate.Evidence) { e.Ledger.Pending, e.Running = 5, true }, gate.Pass, "held E1"},
		{"V2 is ahead of what was compared, and the run is over", func(e *gate.Evidence) { e.Partitions[0].Records += 5 }, gate.Inconclusive, "did not do the work itself"},
		{"V2 is ahead of what was compared while the run goes on", func(e *gate.Evidence) { e.Partitions[0].Records += 5; e.Running = true }, gate.Pass, "held E1"},
		{"V2 copied V1 while the run goes on", func(e *gate.Evidence) { e.Partitions, e.Running = nil, true }, gate.Inconclusive, "did not do the work itself"},
		{"shed", func(e *gate.Evidence) { e.Ledger.Shed, e.Shed, e.Detached = 5, true, "too slow" }, gate.Inconclusive, "V2 was shed: too slow"},
		{"V2 is off", func(e *gate.Evidence) { e.V2Off = true }, gate.Inconclusive, "V2 is off"},
		{"nothing came", func(e *gate.Evidence) { *e = gate.Evidence{} }, gate.Inconclusive, "no records"},
		{"V2 copied V1", func(e *gate.Evidence) { e.Partitions = nil }, gate.Inconclusive, "did not do the work itself"},
		{"no row came out", func(e *gate.Evidence) { e.Diff.Outputs[0].Rows = 0 }, gate.Inconclusive, "no output row was compared"},
		{"a second V1", func(e *gate.Evidence) { e.Implementation, e.Routing = "V1", nil }, gate.Inconclusive, "the candidate is another V1, one pipeline without partitions: set processors.v2 to v2:N"},
		{"one partition has all records", func(e *gate.Evidence) { e.Routing[0].Records = []int64{0, 19_900, 0, 0} }, gate.Inconclusive, "1 of V2's 4 partitions had records of BY_MINUTE, and gate.min_partitions is 2 (routed by always_hash: by the hash of the key)"},
		{"one partition is all that there is", func(e *gate.Evidence) { e.Routing[0].Records = []int64{19_900} }, gate.Inconclusive, "V2 has 1 partition, and gate.min_partitions is 2"},
		{"a query that cannot be split", func(e *gate.Evidence) { e.Routing[0].Unsplittable = "no GROUP BY" }, gate.Inconclusive, "BY_MINUTE cannot be split (no GROUP BY), and gate.min_partitions is 2: set gate.min_partitions: 1"},
		{"one of several queries", func(e *gate.Evidence) {
			e.Routing = append(e.Routing, evidence.Routing{Index: 1, Output: "OTHER", Records: []int64{7, 0, 0, 0}, Strategy: "fan_in", Why: "all to one partition"})
		}, gate.Inconclusive, "1 of V2's 4 partitions had records of OTHER"},
		{"V2 does not say what its partitions had", func(e *gate.Evidence) { e.Routing = nil }, gate.Inconclusive, "V2 does not report which"},
		{"the most that may be late", func(e *gate.Evidence) { e.Late = 995 }, gate.Pass, "held E1"},
		{"mostly late", func(e *gate.Evidence) { e.Late = 996 }, gate.Inconclusive, "996 of 19,900 records (5.01 %) came too late for every window, and gate.max_late allows 5 %"},
		{"V2 was forced to split state", func(e *gate.Evidence) {
			r := &e.Routing[0]
			r.Forced, r.Query, r.Strategy, r.Why = true, "OUT", "round_robin", "as it was told"
		}, gate.Inconclusive, "never a pass: OUT is routed by round_robin, as it was told"},
		{"V2 claims records of other keys", func(e *gate.Evidence) { e.Uncounted = 100 }, gate.Inconclusive, "did not do the work itself"},
		{"a rule within its rate", func(e *gate.Evidence) {
			e.Diff.Outputs[0].ToleratedRows, e.Diff.Tolerated = 190, tolerated(190, "2026-03-01")
		}, gate.Pass, "rules tolerated differences in 190 of 19,000 rows"},
		{"a rule above its rate", func(e *gate.Evidence) {
			e.Diff.Tolerated = tolerated(380, "2026-03-01")
		}, gate.Inconclusive, `the rule "TOTAL: within 8" of us tolerated 2 % of the rows, 1 % are allowed`},
		{"a rule that expired", func(e *gate.Evidence) {
			e.Diff.Tolerated = tolerated(0, "2026-02-28")
		}, gate.Inconclusive, `of us expired on 2026-02-28`},
		{"rules that tolerate too much together", func(e *gate.Evidence) { e.Diff.Outputs[0].ToleratedRows = 951 }, gate.Inconclusive, "rules tolerated 5.01 % of the rows of by-minute, gate.max_tolerated allows 5 %"},
		{"too few records", func(e *gate.Evidence) {
			e.Ledger.Compared, e.Partitions = 8_588, []evidence.Partition{{Records: 9_488}}
		}, gate.Inconclusive, "needs 512 more records (9,488 of 10,000, gate.min_records)"},
		{"too few units", func(e *gate.Evidence) { e.Diff.Outputs[0].Units = 2_999 }, gate.Inconclusive, "needs 1 more keys and windows of by-minute (2,999 of 3,000, gate.min_units)"},
		{"too few keys", func(e *gate.Evidence) { e.Diff.Outputs[0].Keys = 200 }, gate.Inconclusive, "by-minute has 200 distinct keys: gate.min_keys is 1,000; if the input has no more keys, set gate.min_keys: 200"},
		{"one key over 4,000 windows", func(e *gate.Evidence) { e.Diff.Outputs[0].Units, e.Diff.Outputs[0].Keys = 4_000, 1 }, gate.Inconclusive, "by-minute has 1 distinct key: "},
		{"a level below the required one without a divergence", func(e *gate.Evidence) { e.Diff.Outputs[0].LevelHeld = diff.E4 }, gate.Fail, "by-minute held E4, and E3 is required"},
		{"no window closed", func(e *gate.Evidence) { e.Diff.Outputs[0].ClosedWindows = 0 }, gate.Inconclusive, "no window of by-minute has closed"},
		{"too little event time", func(e *gate.Evidence) { e.EventSpan = 123_000 }, gate.Inconclusive, "event time spans 2m3s between its 1 % and 99 % quantiles, and 2m4s are required"},
		{"the lag grows", func(e *gate.Evidence) { e.LagGrowing = true }, gate.Inconclusive, "lag"},
		{"fail beats inconclusive", func(e *gate.Evidence) { e.Diff.Root, e.Diff.Outputs[0].Units = 2, 1 }, gate.Fail, "2 root divergences"},
		{"error beats fail", func(e *gate.Evidence) { e.Diff.Root, e.Ledger.Gap = 2, -3 }, gate.Error, "-3 records"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := good()
			c.change(&e)
			v := gate.Decide(gate.DefaultPolicy(), e)
			if v.State != c.state || !strings.Contains(v.Reason, c.reason) {
				t.Errorf("%s: %s; want %s: %s", v.State, v.Reason, c.state, c.reason)
			}
			if (v.State == gate.Inconclusive) != (len(v.Missing) > 0) && v.State != gate.Fail && v.State != gate.Error {
				t.Errorf("%s, and missing is %v", v.State, v.Missing)
			}
		})
	}
}

// Whatever a job requires, a run that shows no more than equal final rows does not pass.
func TestTheFinalTableAloneNeverPasses(t *testing.T) {
	for _, require := range []diff.Level{diff.None, diff.Zs, diff.E6, diff.E5, diff.E4, diff.E1} {
		for _, held := range []diff.Level{diff.None, diff.Ze, diff.Zs, diff.E6, diff.E5} {
			e := good()
			e.Require, e.Diff.LevelHeld, e.Diff.Outputs[0].LevelHeld = require, held, held
			if v := gate.Decide(gate.DefaultPolicy(), e); v.State != gate.Fail || !strings.Contains(v.Reason, "by-minute held "+held.String()) {
				t.Errorf("%s held, %s required: %s: %s", held, require, v.State, v.Reason)
			}
		}
	}
}

func TestTooFewUnitsForTheProbabilityAskedFor(t *testing.T) {
	p := gate.DefaultPolicy()
	p.MaxProbability = 1e-4
	v := gate.Decide(p, good())
	if v.State != gate.Inconclusive || !strings.Contains(v.Reason, "needs 24,956 more") {
		t.Errorf("%s: %s", v.State, v.Reason)
	}
}

// A pass by a policy that is weaker than the default says so: 20 keys are weak evidence.
func TestAPassOnWeakEvidenceSaysSo(t *testing.T) {
	p, e := gate.DefaultPolicy(), good()
	p.MinKeys, p.MinUnits, p.MaxProbability = 20, 20, 0.2
	e.Diff.Outputs[0].Units, e.Diff.Outputs[0].Keys = 20, 20
	v := gate.Decide(p, e)
	if want := "fewer than 13.9 % of them diverge, which is weak evidence: gate.max_probability is 20 % here and 0.1 % by default"; v.State != gate.Pass || !strings.Contains(v.Reason, want) {
		t.Errorf("%s: %s", v.State, v.Reason)
	}
	if v := gate.Decide(gate.DefaultPolicy(), good()); strings.Contains(v.Reason, "weak") {
		t.Error(v.Reason)
	}
}

// The figures are the design's: n = 2,995 for 1e-3 and 29,956 for 1e-4 at 95 %.
func TestUpperBound(t *testing.T) {
	for p, n := range map[float64]int64{1e-3: 2_995, 1e-4: 29_956} {
		if got := gate.TrialsFor(p, 0.95); got != n {
			t.Errorf("TrialsFor(%v) = %d, want %d", p, got, n)
		}
		if below, above := gate.UpperBound(0, n, 0.95), gate.UpperBound(0, n-1, 0.95); below > p || above <= p {
			t.Errorf("around %d trials the bound goes from %v to %v, want across %v", n, above, below, p)
		}
	}
	// Clopper and Pearson's for 1 event in 10 trials: the binomial tail is 5 %.
	u := gate.UpperBound(1, 10, 0.95)
	if tail := math.Pow(1-u, 10) + 10*u*math.Pow(1-u, 9); math.Abs(tail-0.05) > 1e-9 {
		t.Errorf("UpperBound(1, 10) = %v leaves a tail of %v", u, tail)
	}
	if gate.UpperBound(0, 0, 0.95) != 1 || gate.UpperBound(3, 3, 0.95) != 1 {
		t.Error("without trials, or with nothing but events, the bound is 1")
	}
}

func TestPolicyNamesWhatCannotBeUsed(t *testing.T) {
	for want, change := range map[string]func(*gate.Policy){
		"gate.min_records: -1":         func(p *gate.Policy) { p.MinRecords = -1 },
		"gate.min_keys: -1":            func(p *gate.Policy) { p.MinKeys = -1 },
		"gate.min_keys: 2000000":       func(p *gate.Policy) { p.MinKeys = 2_000_000 },
		"gate.min_units: -1":           func(p *gate.Policy) { p.MinUnits = -1 },
		"gate.max_probability: 0":      func(p *gate.Policy) { p.MaxProbability = 0 },
		"gate.min_partitions: 0":       func(p *gate.Policy) { p.MinPartitions = 0 },
		"gate.max_late: 1.5":           func(p *gate.Policy) { p.MaxLate = 1.5 },
		"gate.confidence: 1":           func(p *gate.Policy) { p.Confidence = 1 },
		"gate.max_tolerated: 2":        func(p *gate.Policy) { p.MaxTolerated = 2 },
		`gate.min_event_time: "later"`: func(p *gate.Policy) { p.MinEventTime = "later" },
	} {
		p := gate.DefaultPolicy()
		change(&p)
		if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestOnePartitionIsEnoughWhereThePolicySaysSoButASecondV1NeverIs(t *testing.T) {
	p := gate.DefaultPolicy()
	p.MinPartitions = 1
	e := good()
	e.Routing[0].Records, e.Routing[0].Unsplittable = []int64{19_900, 0, 0, 0}, "no GROUP BY"
	if v := gate.Decide(p, e); v.State != gate.Pass {
		t.Errorf("%s: %s", v.State, v.Reason)
	}
	e.Implementation = "V1"
	if v := gate.Decide(p, e); v.State != gate.Inconclusive {
		t.Errorf("a second V1: %s: %s", v.State, v.Reason)
	}
}
