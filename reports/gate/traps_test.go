package gate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// judged is when the stored evidence of these tests is judged.
var judged = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// stored is a stretch of stored evidence that passes the default policy.
func stored() gate.Evidence {
	identity := evidence.RunIdentity{Run: "0123456789ab", Fingerprint: "f", V1: "v1 1.0", V2: "v2:4 1.0", Rules: "r"}
	s := &evidence.Stretch{
		Job: "j", Identity: identity, Report: good().Report, To: 20_000,
		First: judged.Add(-10 * time.Hour), Last: judged.Add(-time.Hour), Incarnations: 3,
	}
	e := gate.OfStretch(s, nil, judged)
	e.Current = &identity
	return e
}

// divergesIn adds divergences of one signature to the only output.
func divergesIn(e *gate.Evidence, id string, class diff.Class, roots, cascades int64) {
	d := &e.Diff
	d.Root, d.Cascade = d.Root+roots, d.Cascade+cascades
	if d.ByClass == nil {
		d.ByClass = map[diff.Class]int64{}
	}
	d.ByClass[class] += roots + cascades
	o := &d.Outputs[0]
	o.Root, o.Cascade, o.LevelHeld = o.Root+roots, o.Cascade+cascades, diff.None
	d.LevelHeld = diff.None
	d.Signatures = append(d.Signatures, diff.Signature{ID: id, Class: class, Topic: o.Topic, Count: roots + cascades, Roots: roots})
}

func accepts(id string, most int64, expires diff.Day) []gate.Acceptance {
	return []gate.Acceptance{{Signature: id, Owner: "team fees", Reason: "V2 fixes the rounding of fees", Expires: expires, MaxCount: most}}
}

// TestTrapsOfTheGate: each of these runs is easily taken for one that proves something.
func TestTrapsOfTheGate(t *testing.T) {
	const id = "00aa11bb22cc"
	for _, c := range []struct {
		name   string
		change func(*gate.Evidence, *gate.Policy)
		state  gate.State
		reason string
	}{
		{"good evidence", func(*gate.Evidence, *gate.Policy) {}, gate.Pass, "held E1"},
		{"empty run", func(e *gate.Evidence, _ *gate.Policy) { e.Report = evidence.Report{} }, gate.Inconclusive, "no records: nothing was compared"},
		{"V2 silent", func(e *gate.Evidence, _ *gate.Policy) { divergesIn(e, id, diff.Missing, 19_000, 0) }, gate.Fail, "19,000 root divergences at level E3 (missing)"},
		{"V2 echoing V1", func(e *gate.Evidence, _ *gate.Policy) { e.Partitions = make([]evidence.Partition, 4) }, gate.Inconclusive, "V2 did not do the work itself"},
		{"one poisoned key among 200", func(e *gate.Evidence, p *gate.Policy) {
			e.Diff.Outputs[0].Keys, p.MinKeys = 200, 200
			divergesIn(e, id, diff.ValueClass, 1, 80)
		}, gate.Fail, "1 root divergence at level E3 (value)"},
		{
			"retried nights", func(e *gate.Evidence, _ *gate.Policy) { e.Stored.Retries, e.Diff.Outputs[0].Units = 4, 4_000 }, gate.Inconclusive,
			"with 99 % confidence (raised because 4 earlier runs ended without a pass) up to 0.115 % of the keys and windows of by-minute may diverge",
		},
		{"expired rule", func(e *gate.Evidence, _ *gate.Policy) { e.Diff.Tolerated = tolerated(0, "2026-02-28") }, gate.Inconclusive, "of us expired on 2026-02-28"},
		{"rule changed in mid-run", func(e *gate.Evidence, _ *gate.Policy) { e.Current.Rules = "r2" }, gate.Inconclusive, "diff.rules have changed"},
		{"query changed", func(e *gate.Evidence, _ *gate.Policy) { e.Current.Fingerprint = "f2" }, gate.Inconclusive, "the query or a setting has changed"},
		{"ledger gap", func(e *gate.Evidence, _ *gate.Policy) { e.Ledger.Gap = 3 }, gate.Error, "3 records are in no bucket, or in two"},
		{"hole in the evidence", func(e *gate.Evidence, _ *gate.Policy) {
			e.Stored.Missing = []evidence.PositionRange{{From: 1_000, To: 2_000}, {From: 3_000, To: 3_500}}
		}, gate.Inconclusive, "the evidence has 2 holes: 1,500 positions, the first ones from 1,000 to 2,000, were not stored and count as pending"},
		{"hole before the clean stretch", func(e *gate.Evidence, _ *gate.Policy) {
			e.Stored.Missing, e.Stored.From = []evidence.PositionRange{{From: 1_000, To: 2_000}}, 2_000
		}, gate.Pass, "held E1"},
		{"divergences before the clean stretch", func(e *gate.Evidence, _ *gate.Policy) {
			e.Stored.Before = &evidence.Before{Root: 2}
		}, gate.Pass, "before this evidence, which begins after the newest interruption of the run, 2 root divergences were found"},
		{"stale verdict", func(e *gate.Evidence, _ *gate.Policy) { e.Stored.Last = e.At.Add(-gate.Fresh) }, gate.Inconclusive, "the evidence is stale: the newest is of 2026-02-28 00:00:00"},
		{"a minute before it is stale", func(e *gate.Evidence, _ *gate.Policy) { e.Stored.Last = e.At.Add(time.Minute - gate.Fresh) }, gate.Pass, "held E1"},
		{"another version's verdict", func(e *gate.Evidence, _ *gate.Policy) { e.Current.V2 = "v2:4 1.1" }, gate.Inconclusive, "V2 was v2:4 1.0 and is v2:4 1.1"},
		{"mutation missed", func(e *gate.Evidence, _ *gate.Policy) {
			e.Sensitivity.Mutations = []evidence.Mutation{{Name: "extra", Injected: 9, Detected: 9}, {Name: "value BIGINT", Injected: 12, Detected: 11, Missed: "N of by-minute, 3 and 4"}}
		}, gate.Error, "the comparison missed 1 of 12 injected differences of kind value BIGINT (N of by-minute, 3 and 4): its results cannot be trusted"},
		{"mutations not known", func(e *gate.Evidence, _ *gate.Policy) { e.Sensitivity.Mutations = nil }, gate.Inconclusive, "no difference was injected into the comparison"},
		{"no mutation injected", func(e *gate.Evidence, _ *gate.Policy) {
			e.Sensitivity.Mutations = []evidence.Mutation{{Name: "extra"}}
		}, gate.Inconclusive, "no difference was injected into the comparison"},
		{"all mutations detected", func(e *gate.Evidence, _ *gate.Policy) {
			e.Sensitivity.Mutations = []evidence.Mutation{{Name: "extra", Injected: 9, Detected: 9}, {Name: "tombstone"}}
		}, gate.Pass, "held E1"},
		{"one hot key only", func(e *gate.Evidence, _ *gate.Policy) {
			e.Diff.Outputs[0].Keys, e.Routing[0].Records = 1, []int64{19_900, 0, 0, 0}
		}, gate.Inconclusive, "by-minute has 1 distinct key"},
		{"V2 away half of the time", func(e *gate.Evidence, _ *gate.Policy) { e.Ledger.Compared, e.Ledger.NotComparable = 9_500, 9_500 }, gate.Inconclusive, "9,500 not_comparable"},
		{"all late", func(e *gate.Evidence, _ *gate.Policy) {
			e.Ledger.Compared, e.Ledger.Filtered, e.Late, e.Diff.Outputs[0].Rows = 0, 19_900, 19_900, 0
		}, gate.Inconclusive, "19,900 of 19,900 records (100 %) came too late for every window"},
		{"all undecodable", func(e *gate.Evidence, _ *gate.Policy) {
			e.Ledger, e.Partitions, e.Diff.Outputs[0].Rows, e.Late = diff.Ledger{Undecodable: 20_000}, nil, 0, 0
		}, gate.Inconclusive, "needs 10,000 more records"},
		{"all filtered", func(e *gate.Evidence, _ *gate.Policy) {
			e.Ledger.Compared, e.Ledger.Filtered, e.Diff.Outputs[0].Rows = 0, 19_900, 0
		}, gate.Inconclusive, "no output row was compared"},
		{"min_*: 0 and nothing compared", func(e *gate.Evidence, p *gate.Policy) {
			*p = gate.Policy{MinPartitions: 1, MaxLate: 1, MaxProbability: 1, Confidence: 0.95, MinEventTime: "0s", MaxTolerated: 1}
			e.Ledger, e.Partitions, e.Diff.Outputs[0].Rows = diff.Ledger{Filtered: 20_000}, []evidence.Partition{{Records: 20_000}}, 0
		}, gate.Inconclusive, "no output row was compared"},
		{"min_*: 0 and few units", func(e *gate.Evidence, p *gate.Policy) {
			p.MinRecords, p.MinKeys, p.MinUnits, e.Diff.Outputs[0].Units = 0, 0, 0, 40
		}, gate.Inconclusive, "up to 7.22 % of the keys and windows of by-minute may diverge"},
		{"states that differ", func(e *gate.Evidence, _ *gate.Policy) { e.States.Equal, e.States.Differing = 5, 1 }, gate.Fail, "V2's state differed from V1's at 1 of 6 checkpoints"},
		{"states that could not be compared", func(e *gate.Evidence, _ *gate.Policy) { e.States.Equal, e.States.NotCompared = 5, 1 }, gate.Pass, "held E1"},

		{"accepted signature", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 3, 7)
			e.Accepted = accepts(id, 10, "2026-03-01")
		}, gate.Pass, "10 divergences were accepted as intended"},
		{"accepted signature beside another", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 3, 7)
			divergesIn(e, "ffffffffffff", diff.Missing, 1, 0)
			e.Accepted = accepts(id, 10, "2026-03-01")
		}, gate.Fail, "1 root divergence at level E3 (missing)"},
		{"accepted roots, and cascades of another signature", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.Routing, 10, 0)
			divergesIn(e, "112233445566", diff.ValueClass, 0, 9_000)
			e.Accepted = accepts(id, 10, "2026-03-01")
		}, gate.Fail, "9,000 cascades of signatures that are not accepted"},
		{"divergences of another V2", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 10, 0)
			e.Current = &evidence.RunIdentity{Run: "0123456789ab", Fingerprint: "f", V1: "v1 1.0", V2: "v2:4 1.1", Rules: "r"}
		}, gate.Inconclusive, "the evidence is of another run"},
		{"accepted signature above its count", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 3, 8)
			e.Accepted = accepts(id, 10, "2026-03-01")
		}, gate.Fail, "3 root divergences at level E3 (value); signature 00aa11bb22cc has 11 divergences, and team fees accepted at most 10"},
		{"acceptance that expired", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 3, 7)
			e.Accepted = accepts(id, 10, "2026-02-28")
		}, gate.Inconclusive, "the acceptance of signature 00aa11bb22cc by team fees expired on 2026-02-28"},
		{"acceptances above the overall cap", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.ValueClass, 900, 51)
			e.Accepted = accepts(id, 5_000, "2026-03-01")
		}, gate.Inconclusive, "rules and accepted signatures tolerated 5.01 % of the rows of by-minute, gate.max_tolerated allows 5 %"},
		{"accepted difference of states", func(e *gate.Evidence, _ *gate.Policy) {
			divergesIn(e, id, diff.StateClass, 2, 0)
			e.States.Equal, e.States.Differing = 5, 2
			e.Accepted = accepts(id, 2, "2026-03-01")
		}, gate.Pass, "2 divergences were accepted as intended"},

		{"stratum below its minimum", func(e *gate.Evidence, p *gate.Policy) {
			p.Strata = gate.Strata{Tombstones: 100, Session: 50}
			e.Strata = map[string]int64{"tombstones": 99, "window:session": 50}
		}, gate.Inconclusive, "needs 1 more rows of stratum tombstones (99 of 100, gate.strata)"},
		{"stratum that was not seen", func(_ *gate.Evidence, p *gate.Policy) { p.Strata.NullKeys = 10 }, gate.Inconclusive, "needs 10 more rows of stratum null_keys (0 of 10, gate.strata)"},
		{"strata at their minimum", func(e *gate.Evidence, p *gate.Policy) {
			p.Strata, e.Strata = gate.Strata{Tombstones: 100}, map[string]int64{"tombstones": 100}
		}, gate.Pass, "held E1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, p := stored(), gate.DefaultPolicy()
			c.change(&e, &p)
			v := gate.Decide(p, e)
			if v.State != c.state || !strings.Contains(v.Reason, c.reason) {
				t.Errorf("%s: %s; want %s: %s", v.State, v.Reason, c.state, c.reason)
			}
			worst := gate.Pass
			for _, r := range v.Rules {
				if r.State != gate.Pass && worst == gate.Pass {
					worst = r.State
				}
				if (r.State == gate.Pass) != (r.Reason == "") {
					t.Errorf("rule %s is %s, with reason %q", r.Name, r.State, r.Reason)
				}
			}
			if worst != v.State {
				t.Errorf("the verdict is %s, and the first broken rule is %s", v.State, worst)
			}
		})
	}
}

func TestWhatIsMissingHasAnEstimate(t *testing.T) {
	hours := func(list ...evidence.Point) func(*gate.Evidence) {
		return func(e *gate.Evidence) {
			for i := range list {
				list[i].From = e.Stored.Last.Add(time.Duration(i-len(list)) * 30 * time.Minute)
				list[i].To = list[i].From.Add(30 * time.Minute)
			}
			e.Stored.Timeline = list
		}
	}
	units := func(n int64) map[string]int64 { return map[string]int64{"by-minute": n} }
	for _, c := range []struct {
		name   string
		change func(*gate.Evidence)
		want   string
	}{
		{
			"at the rate of the last hour", hours(evidence.Point{Units: units(1_000)}, evidence.Point{Units: units(300)}, evidence.Point{Units: units(350)}),
			"needs 1,412 more keys and windows of by-minute (1,588 of 3,000, gate.min_units), about 2 h 10 min at the rate of the last hour",
		},
		{
			"with nothing new in the last hour, at the rate of all evidence", hours(evidence.Point{Units: units(1_000)}, evidence.Point{}, evidence.Point{}),
			"gate.min_units), about 8 h 0 min at the rate of all of this evidence",
		},
		{"of a run that goes on", func(e *gate.Evidence) {
			e.Stored, e.Running, e.Started, e.Ended = nil, true, judged.Add(-2*time.Minute), judged
		}, "gate.min_units), about 1 min at the rate of this run"},
		{
			"none for a run that has ended", func(e *gate.Evidence) { e.Stored, e.Started, e.Ended = nil, judged.Add(-time.Hour), judged },
			"needs 1,412 more keys and windows of by-minute (1,588 of 3,000, gate.min_units);",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := stored()
			e.Diff.Outputs[0].Units = 1_588
			c.change(&e)
			v := gate.Decide(gate.DefaultPolicy(), e)
			if v.State != gate.Inconclusive || !strings.Contains(v.Reason, c.want) {
				t.Errorf("%s: %s; want %s", v.State, v.Reason, c.want)
			}
			units := v.Rules[slices.IndexFunc(v.Rules, func(r gate.RuleResult) bool { return r.Name == "units" })]
			if len(units.Lacks) != 1 || units.Lacks[0].What != "keys and windows of by-minute" || units.Lacks[0].Count != 1_412 {
				t.Errorf("lacks: %+v", units.Lacks)
			}
		})
	}
}

func TestAnAcceptanceSaysWhatItAcceptsAndWhoAnswersForIt(t *testing.T) {
	whole := accepts("00aa11bb22cc", 1, "2026-03-01")[0]
	if err := whole.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*gate.Acceptance){
		`signature: "00AA" is not`:          func(a *gate.Acceptance) { a.Signature = "00AA" },
		"owner: \"a\\nb\" is not one line":  func(a *gate.Acceptance) { a.Owner = "a\nb" },
		"owner: missing":                    func(a *gate.Acceptance) { a.Owner = "" },
		"reason: missing":                   func(a *gate.Acceptance) { a.Reason = "" },
		`expires: "tomorrow" is not a date`: func(a *gate.Acceptance) { a.Expires = "tomorrow" },
		"max_count: 0 must be at least 1":   func(a *gate.Acceptance) { a.MaxCount = 0 },
	} {
		a := whole
		change(&a)
		if err := a.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
