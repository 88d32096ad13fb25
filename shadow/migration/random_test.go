package migration_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// TestRandomHistoriesKeepThePromises drives a migration through random facts, requests and
// times. Whatever happens:
//   - the job goes forward only with a pass, with rows of V2, after the least time and the
//     cooldown, or by force with a reason;
//   - a held migration stays held until a person releases it with a reason;
//   - a run that diverged while V2's rows were to be emitted goes forward by force only;
//   - trouble in a verified stage leads back to shadow at once.
func TestRandomHistoriesKeepThePromises(t *testing.T) {
	for seed := range uint64(300) {
		h := newHistory(t, seed)
		for range 300 {
			h.step()
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
}

type history struct {
	t       *testing.T
	random  *rand.Rand
	policy  migration.Policy
	state   migration.State
	now     time.Time
	runs    int
	changes []stage.Change
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, random: rand.New(rand.NewPCG(seed, 1)), policy: policy(), now: begin, runs: 1}
	h.policy.Auto = h.random.IntN(2) == 0
	h.state.Since = begin
	return h
}

func (h *history) chance(oneIn int) bool { return h.random.IntN(oneIn) == 0 }

func (h *history) facts() migration.Facts {
	f := migration.Facts{Run: fmt.Sprint("run", h.runs), Verdict: migration.Verdict{State: "pass", ID: "id"}}
	if h.chance(3) {
		f.Verdict = migration.Verdict{State: []string{"fail", "inconclusive", "error", ""}[h.random.IntN(4)], Reason: "no pass"}
	}
	for _, trouble := range []func(){
		func() { f.Roots = 1 },
		func() { f.LedgerOpen = "1 shed" },
		func() { f.Unhealthy = "no evidence" },
		func() { h.state.Emission.FallbackTimes = append(h.state.Emission.FallbackTimes, h.now) },
	} {
		if h.chance(20) {
			trouble()
		}
	}
	return f
}

func (h *history) step() {
	h.now = h.now.Add(time.Duration(h.random.Int64N(int64(3 * time.Hour))))
	h.state.Emission.RowsOfV2 += h.random.Int64N(600)
	f := h.facts()
	if h.chance(30) {
		h.runs++
		f.Run = fmt.Sprint("run", h.runs)
	}
	state := h.state.Recall(h.changes)
	d := h.policy.Decide(state, f, h.now)
	if state.Stage.IsVerified() && f.Roots > 0 && d.Back == nil {
		h.t.Errorf("in %s it does not go back: %+v", state.Stage, f)
	}
	if d.Back == nil && state.Stage.IsVerified() && h.chance(15) { // as the runner sees it
		c := h.policy.GoesBack(state.Strikes, state.IsHeld, stage.Change{From: state.Stage, Cause: stage.Detached, At: h.now, Run: f.Run})
		d.Back, d.IsForward = &c, false
	}
	if d.Back != nil {
		if d.IsForward {
			h.t.Error("it goes forward and back")
		}
		h.take(*d.Back)
		return
	}
	r := migration.Request{To: []string{"next", "next", "next", "back", "release", "promoted", "canary:10"}[h.random.IntN(7)], Who: "ana"}
	if h.chance(2) {
		r.Reason = "so"
	}
	r.IsForced = h.chance(10)
	if d.IsForward {
		r = migration.Request{To: "next", Who: "parallax"}
	}
	c, err := h.policy.Resolve(state, f, r, h.now)
	if err != nil {
		if d.IsForward {
			h.t.Errorf("it goes forward by itself, and that is refused: %v", err)
		}
		return
	}
	h.check(state, f, r, c)
	h.take(c)
}

// check holds a change that was allowed to the promises.
func (h *history) check(s migration.State, f migration.Facts, r migration.Request, c stage.Change) {
	if s.IsHeld && !c.IsHeld && (r.To != "release" || r.Reason == "") {
		h.t.Errorf("%s released it: %+v", r.To, c)
	}
	if !s.Stage.IsBefore(c.To) {
		return
	}
	if s.IsHeld {
		h.t.Errorf("it was held and went forward: %+v", c)
	}
	if r.IsForced {
		if r.Reason == "" || !c.IsForced || c.Why != r.Reason {
			h.t.Errorf("forced without a trace: %+v", c)
		}
		return
	}
	if c.IsForced || c.Verdict == "" || f.Verdict.State != "pass" || f.Unhealthy != "" {
		h.t.Errorf("forward without a pass: %+v, %+v", f, c)
	}
	if s.DivergedRuns[f.Run] {
		h.t.Error("forward in a run that diverged")
	}
	if s.Stage.IsVerified() && (s.Emission.RowsOfV2 < h.policy.MinRows || f.LedgerOpen != "" || f.Roots > 0) {
		h.t.Errorf("forward without what a step needs: %+v, %+v", s.Emission, f)
	}
	if i := h.policy.Plan.IndexOf(s.Stage); i >= 0 && h.now.Before(s.Since.Add(h.policy.Plan[i].MinTime)) {
		h.t.Error("forward before the least time is over")
	}
	if !s.WentBack.IsZero() && h.now.Before(s.WentBack.Add(h.policy.Rollback.Cooldown)) {
		h.t.Error("forward before the cooldown is over")
	}
}

// take makes a change as the runner does.
func (h *history) take(c stage.Change) {
	before := h.state.Status
	h.state.Status = before.Begun(c)
	if c.From == c.To { // only strikes and hold change
		h.state.Since, h.state.Emission = before.Since, before.Emission
	}
	h.changes = append(h.changes, c)
}
