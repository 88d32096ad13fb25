package migration_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

var begin = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// at is a state in which a step began an hour and a half before now.
func at(t testing.TB, text string) (migration.State, time.Time) {
	s := migration.State{Status: stage.Status{Stage: stageOf(t, text), Since: begin}}
	s.Emission.RowsOfV2 = 5000
	return s, begin.Add(90 * time.Minute)
}

func policy() migration.Policy { return migration.Policy{Config: migration.DefaultConfig()} }

func passing() migration.Facts {
	return migration.Facts{Run: "run1", Verdict: migration.Verdict{State: "pass", ID: "abc"}}
}

func TestAStepForwardNeedsEverything(t *testing.T) {
	minutes := func(n int) *time.Duration { d := time.Duration(n) * time.Minute; return &d }
	for _, test := range []struct {
		name    string
		stage   string
		change  func(*migration.State, *migration.Facts)
		by      migration.Obstacle
		missing []string
		eta     *time.Duration
	}{
		{name: "all is there", stage: "canary:5", eta: minutes(0)},
		{name: "shadow has no least time and needs no rows of V2", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			s.Since, s.Emission.RowsOfV2 = begin.Add(90*time.Minute), 0
		}, eta: minutes(0)},
		{name: "the verdict fails", stage: "canary:5", change: func(_ *migration.State, f *migration.Facts) {
			f.Verdict = migration.Verdict{State: "fail", Reason: "1 root divergence"}
		}, by: migration.ByFail, missing: []string{"1 root divergence"}},
		{name: "the verdict is an error", stage: "shadow", change: func(_ *migration.State, f *migration.Facts) {
			f.Verdict = migration.Verdict{State: "error", Reason: "the tool is blind"}
		}, by: migration.ByError, missing: []string{"the tool is blind"}},
		{name: "evidence is missing, with an estimate", stage: "shadow", change: func(_ *migration.State, f *migration.Facts) {
			f.Verdict = migration.Verdict{State: "inconclusive", Needs: []migration.Need{{"needs 1,412 more keys of totals", minutes(130)}, {"needs 5 more rows", minutes(2)}}}
		}, by: migration.ByInconclusive, missing: []string{"needs 1,412 more keys of totals", "needs 5 more rows"}, eta: minutes(130)},
		{name: "evidence is missing, without an estimate", stage: "shadow", change: func(_ *migration.State, f *migration.Facts) {
			f.Verdict = migration.Verdict{State: "inconclusive", Needs: []migration.Need{{"no window has closed", nil}}}
		}, by: migration.ByInconclusive, missing: []string{"no window has closed"}},
		{name: "there is no verdict", stage: "shadow", change: func(_ *migration.State, f *migration.Facts) {
			f.Verdict = migration.Verdict{}
		}, by: migration.ByInconclusive, missing: []string{"there is no verdict yet"}},
		{name: "the least time is not over", stage: "canary:5", change: func(s *migration.State, _ *migration.Facts) {
			s.Since = begin.Add(49 * time.Minute)
		}, by: migration.ByInconclusive, missing: []string{"stays 19m more in canary:5 (1h by migration.plan)"}, eta: minutes(19)},
		{name: "V2 has not emitted enough", stage: "canary:5", change: func(s *migration.State, _ *migration.Facts) {
			s.Emission.RowsOfV2 = 900
		}, by: migration.ByInconclusive, missing: []string{"needs 100 more rows that V2 emitted (900 of 1,000, migration.min_rows)"}, eta: minutes(10)},
		{name: "V2 has emitted nothing", stage: "canary:5", change: func(s *migration.State, _ *migration.Facts) {
			s.Emission.RowsOfV2 = 0
		}, by: migration.ByInconclusive, missing: []string{"needs 1,000 more rows that V2 emitted (0 of 1,000, migration.min_rows)"}},
		{name: "V2 emitted nothing since the restart, and enough before", stage: "canary:5", change: func(s *migration.State, f *migration.Facts) {
			s.Emission.RowsOfV2, f.RowsOfV2 = 0, 1000
		}, eta: minutes(0)},
		{name: "the ledger of the step is open", stage: "promoted", change: func(s *migration.State, f *migration.Facts) {
			s.Since = begin.Add(-48 * time.Hour)
			f.LedgerOpen = "3 shed"
		}, by: migration.ByInconclusive, missing: []string{"the ledger of this step is not closed: 3 shed"}},
		{name: "evidence is not stored", stage: "shadow", change: func(_ *migration.State, f *migration.Facts) {
			f.Unhealthy = "evidence is not stored"
		}, by: migration.ByInconclusive, missing: []string{"evidence is not stored"}},
		{name: "the step diverged, whatever the verdict is", stage: "canary:5", change: func(_ *migration.State, f *migration.Facts) {
			f.Roots = 2
			f.Verdict = migration.Verdict{State: "inconclusive", Reason: "few records"}
		}, by: migration.ByFail, missing: []string{"2 root divergences since the step began", "few records"}},
		{name: "the run diverged earlier", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			*s = s.Recall([]stage.Change{{From: stageOf(t, "canary:1"), IsAutomatic: true, Cause: stage.Divergence, Run: "run1", At: begin.Add(-100 * time.Hour)}})
		}, by: migration.ByFail, missing: []string{"V2 diverged in this run while its rows were to be emitted: mend V2, which begins another run"}},
		{name: "another run diverged earlier", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			*s = s.Recall([]stage.Change{{From: stageOf(t, "canary:1"), IsAutomatic: true, Cause: stage.Divergence, Run: "run0", At: begin.Add(-100 * time.Hour)}})
		}, eta: minutes(0)},
		{name: "the job cools down", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			*s = s.Recall([]stage.Change{{From: stageOf(t, "canary:1"), IsAutomatic: true, Cause: stage.Fallbacks, Run: "run1", At: begin.Add(40 * time.Minute)}})
		}, by: migration.ByInconclusive, missing: []string{"stays 10m more in shadow after it went back by itself (1h by migration.rollback.cooldown)"}, eta: minutes(10)},
		{name: "another V2 does not cool down", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			*s = s.Recall([]stage.Change{{From: stageOf(t, "canary:1"), IsAutomatic: true, Cause: stage.Changed, Run: "run1", At: begin.Add(40 * time.Minute)}})
		}, eta: minutes(0)},
		{name: "the migration is held", stage: "shadow", change: func(s *migration.State, _ *migration.Facts) {
			s.IsHeld, s.Strikes, s.Last = true, 3, &stage.Change{Why: "V2 was detached: it hung"}
		}, by: migration.ByHold, missing: []string{"the migration is held after it went back 3 times by itself: V2 was detached: it hung"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, now := at(t, test.stage)
			f := passing()
			if test.change != nil {
				test.change(&s, &f)
			}
			next := policy().Decide(s, f, now).Next
			if next.By != test.by || !slices.Equal(next.Missing, test.missing) {
				t.Errorf("obstacle %q, missing %q; want %q, %q", next.By, next.Missing, test.by, test.missing)
			}
			if (next.ETA == nil) != (test.eta == nil) || next.ETA != nil && *next.ETA != *test.eta {
				t.Errorf("estimate %v, want %v", next.ETA, test.eta)
			}
			c, err := policy().Resolve(s, f, migration.Request{To: "next", Who: "ana"}, now)
			if (err == nil) != (test.by == "") {
				t.Errorf("next: %v", err)
			}
			if r, ok := errors.AsType[*migration.Refusal](err); ok && (r.By != test.by || !slices.Equal(r.Missing, test.missing) && r.By != migration.ByHold) {
				t.Errorf("refusal %+v", r)
			}
			if err == nil && (c.Verdict != "abc" || c.To != next.Stage || c.IsForced || c.Who != "ana" || c.Run != "run1") {
				t.Errorf("change %+v", c)
			}
			automatic := policy()
			automatic.Auto = true
			if d := automatic.Decide(s, f, now); d.IsForward != (test.by == "") {
				t.Errorf("with auto it goes forward: %v", d.IsForward)
			}
			if policy().Decide(s, f, now).IsForward {
				t.Error("without auto it goes forward by itself")
			}
		})
	}
}

func TestAJobGoesBackByItself(t *testing.T) {
	for _, test := range []struct {
		name   string
		stage  string
		change func(*migration.State, *migration.Facts)
		cause  stage.Cause
		why    string
	}{
		{"all is well", "canary:5", func(*migration.State, *migration.Facts) {}, "", ""},
		{"a root divergence", "promoted", func(_ *migration.State, f *migration.Facts) { f.Roots = 1 }, stage.Divergence, "1 root divergence"},
		{"a root divergence in shadow", "shadow", func(_ *migration.State, f *migration.Facts) { f.Roots = 1 }, "", ""},
		{"as many fallback episodes as allowed", "canary:5", func(s *migration.State, _ *migration.Facts) {
			s.Emission.FallbackTimes = []time.Time{begin.Add(81 * time.Minute), begin.Add(82 * time.Minute), begin.Add(83 * time.Minute)}
		}, "", ""},
		{"one more fallback episode", "canary:5", func(s *migration.State, _ *migration.Facts) {
			s.Emission.FallbackTimes = []time.Time{begin.Add(81 * time.Minute), begin.Add(82 * time.Minute), begin.Add(83 * time.Minute), begin.Add(84 * time.Minute)}
		}, stage.Fallbacks, "4 fallback episodes in 10m, migration.rollback.max_fallbacks allows 3"},
		{"one more, over a longer time", "canary:5", func(s *migration.State, _ *migration.Facts) {
			s.Emission.FallbackTimes = []time.Time{begin.Add(80 * time.Minute), begin.Add(82 * time.Minute), begin.Add(83 * time.Minute), begin.Add(84 * time.Minute)}
		}, "", ""},
		{"in done nothing is compared", "done", func(_ *migration.State, f *migration.Facts) { f.Roots = 1 }, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, now := at(t, test.stage)
			f := passing()
			test.change(&s, &f)
			c := policy().Decide(s, f, now).Back
			switch {
			case test.cause == "":
				if c != nil {
					t.Errorf("it goes back: %+v", c)
				}
			case c == nil:
				t.Error("it does not go back")
			case c.Cause != test.cause || c.Why != test.why || c.To.Kind != stage.Shadow || c.From != s.Stage || !c.IsAutomatic || c.Strikes != 1 || c.IsHeld || c.Run != "run1":
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestTheThirdTimeHoldsTheMigration(t *testing.T) {
	s, now := at(t, "canary:1")
	f := passing()
	for strike := 1; strike <= 3; strike++ {
		c := policy().GoesBack(s.Strikes, s.IsHeld, stage.Change{From: s.Stage, Cause: stage.Detached, Why: "V2 was detached: it hung"})
		if c.Strikes != strike || c.IsHeld != (strike == 3) {
			t.Fatalf("%+v", c)
		}
		s.Strikes, s.IsHeld = c.Strikes, c.IsHeld
		if strike == 3 && !strings.Contains(c.Why, "held until it is released") {
			t.Error(c.Why)
		}
	}
	s.Stage = stage.Stage{}
	for _, r := range []migration.Request{{To: "next"}, {To: "canary:1", Reason: "I know", IsForced: true}, {To: "promoted"}} {
		_, err := policy().Resolve(s, passing(), r, now)
		if r, ok := errors.AsType[*migration.Refusal](err); !ok || r.By != migration.ByHold {
			t.Errorf("held, and %v", err)
		}
	}
	if _, err := policy().Resolve(s, f, migration.Request{To: "release"}, now); err == nil {
		t.Error("it is released without a reason")
	}
	c, err := policy().Resolve(s, f, migration.Request{To: "release", Reason: "the broker was slow"}, now)
	if err != nil || c.IsHeld || c.Strikes != 0 || c.To != s.Stage {
		t.Errorf("%+v, %v", c, err)
	}
	changed := policy().GoesBack(s.Strikes, s.IsHeld, stage.Change{From: stageOf(t, "canary:1"), Cause: stage.Changed})
	if !changed.IsHeld || changed.Strikes != 3 {
		t.Errorf("another V2 ends the hold: %+v", changed)
	}
}

func TestRequestsThatMakeNoSenseAreRefused(t *testing.T) {
	for _, test := range []struct{ stage, to, want string }{
		{"done", "next", "done is the last step of the plan"},
		{"shadow", "back", "the job is in shadow"},
		{"shadow", "release", "the migration is not held"},
		{"canary:5", "canary:5", "the job is in canary:5 already"},
		{"shadow", "later", "is not a stage"},
		{"shadow", "promoted", "promoted leaves out canary:1 of the plan"},
		{"done", "canary:5", "the way back from done is to shadow"},
	} {
		s, now := at(t, test.stage)
		_, err := policy().Resolve(s, passing(), migration.Request{To: test.to, Reason: "so"}, now)
		if r, ok := errors.AsType[*migration.Refusal](err); !ok || r.By != migration.ByRequest && test.to != "promoted" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s in %s: %v, want %s", test.to, test.stage, err, test.want)
		}
	}
	s, now := at(t, "shadow")
	if _, err := policy().Resolve(s, passing(), migration.Request{To: "canary:1", IsForced: true}, now); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("forced without a reason: %v", err)
	}
}

func TestAPersonMayGoBackAtOnceAndForwardByForce(t *testing.T) {
	s, now := at(t, "canary:25")
	bad := migration.Facts{Run: "run1", Verdict: migration.Verdict{State: "fail", Reason: "it diverges"}}
	for to, want := range map[string]string{"back": "shadow", "canary:5": "canary:5"} {
		c, err := policy().Resolve(s, bad, migration.Request{To: to, Who: "ana"}, now)
		if err != nil || c.To.String() != want || c.IsForced || c.IsAutomatic || c.Strikes != 0 {
			t.Errorf("%s: %+v, %v", to, c, err)
		}
	}
	c, err := policy().Resolve(s, bad, migration.Request{To: "done", Who: "ana", Reason: "I know", IsForced: true}, now)
	if err != nil || !c.IsForced || c.To.Kind != stage.Done || c.Why != "I know" || c.Step != 4 || c.Verdict != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestAStageBetweenTwoStepsIsReachedLikeTheNextOne(t *testing.T) {
	s, now := at(t, "canary:5")
	c, err := policy().Resolve(s, passing(), migration.Request{To: "canary:10"}, now)
	if err != nil || c.Step != -1 || c.To.String() != "canary:10" {
		t.Errorf("%+v, %v", c, err)
	}
	f := passing()
	f.Verdict = migration.Verdict{State: "inconclusive", Reason: "few records"}
	if _, err := policy().Resolve(s, f, migration.Request{To: "canary:10"}, now); err == nil {
		t.Error("it is reached without a pass")
	}
}
