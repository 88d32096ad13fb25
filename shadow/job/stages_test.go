package job

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// fakeRunner has a stage, and refuses to change it if err is set.
type fakeRunner struct {
	mu      sync.Mutex
	status  stage.Status
	err     error
	asked   int
	changed func(stage.Change)
	// hangs: a change forward waits until it is closed.
	hangs chan struct{}
}

func (f *fakeRunner) Stage() stage.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *fakeRunner) SetStageFrom(ctx context.Context, _ stage.Status, c stage.Change) error {
	f.mu.Lock()
	f.asked++
	hangs := f.hangs
	f.mu.Unlock()
	if hangs != nil && !c.IsBack() {
		select {
		case <-hangs:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	c.From, c.At, c.Position = f.status.Stage, time.Now(), 100
	f.status = f.status.Begun(c)
	f.changed(c)
	return nil
}

// emitted says what V2 has emitted since the step began.
func (f *fakeRunner) emitted(rows int64, fallbacks ...time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Emission.RowsOfV2, f.status.Emission.FallbackTimes = rows, fallbacks
}

// world is what a controller works with: a runner, facts and a history.
type world struct {
	*stages
	fake *fakeRunner
	mu   sync.Mutex
	know migration.Facts
	// read counts how often the evidence was read.
	read int
	kept []stage.Change
	lost error
}

func newWorld() *world {
	w := &world{fake: &fakeRunner{}, know: migration.Facts{Run: "run1", Verdict: migration.Verdict{State: "pass", ID: "verdict1"}}}
	w.stages = &stages{
		policy: migration.Policy{Config: migration.DefaultConfig()}, log: slog.New(slog.DiscardHandler), allowed: func(stage.Change) {},
		identity: evidence.RunIdentity{V2: "v2:8 auto 1.0", Fingerprint: "f"},
		runner:   func() stager { return w.fake },
		facts: func(context.Context, stage.Status) (migration.Facts, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.read++
			return w.know, nil
		},
		stored: func(c stage.Change) error {
			if w.lost == nil {
				w.kept = append(w.kept, c)
			}
			return w.lost
		},
	}
	w.fake.changed = w.stages.changed
	w.fake.status.Since = time.Now()
	return w
}

func (w *world) knows(f migration.Facts) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.know = f
}

func (w *world) start(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func TestAJobWithAutoGoesForwardStepByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.policy.Auto = true
		w.start(t)
		begin := time.Now()
		reached := func(want string, after time.Duration) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := w.fake.Stage().Stage.String(); got != want {
				t.Errorf("after %v it is in %s, want %s", time.Since(begin), got, want)
			}
			w.fake.emitted(1000)
		}
		reached("canary:1", 3*time.Second)
		reached("canary:1", 9*time.Minute+50*time.Second)
		reached("canary:5", 20*time.Second)
		reached("canary:25", time.Hour+20*time.Second)
		reached("promoted", 4*time.Hour+20*time.Second)
		reached("done", 24*time.Hour+20*time.Second)
		if len(w.kept) != 5 || w.kept[4].Verdict != "verdict1" || w.kept[4].Who != "parallax" || w.kept[4].V2 != "v2:8 auto 1.0" {
			t.Errorf("%+v", w.kept)
		}
	})
}

func TestTheEvidenceIsReadAsRarelyAsItIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.start(t)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if w.read < 5 || w.read > 6 {
			t.Errorf("the evidence was read %d times in a minute", w.read)
		}
	})
}

func TestTooManyFallbackEpisodesLeadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fake.status.Stage = stage.Stage{Kind: stage.Promoted}
		w.start(t)
		now := time.Now()
		w.fake.emitted(0, now, now.Add(time.Second), now.Add(2*time.Second))
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if got := w.fake.Stage().Stage; got.Kind != stage.Promoted {
			t.Fatalf("3 episodes, and it is in %s", got)
		}
		w.fake.emitted(0, now, now.Add(time.Second), now.Add(2*time.Second), now.Add(3*time.Second))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		s := w.fake.Stage()
		if s.Stage.Kind != stage.Shadow || s.Strikes != 1 || s.Last.Cause != stage.Fallbacks || s.Last.Run != "run1" {
			t.Errorf("4 episodes: %+v", s.Last)
		}
		if _, err := w.set(t.Context(), migration.Request{To: "next", Who: "ana"}); err == nil {
			t.Error("it goes forward without a cooldown")
		}
	})
}

func TestAStepThatIsNotReachedIsTriedAgainAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.policy.Auto, w.fake.err = true, errors.New("patience is over")
		w.start(t)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if w.fake.asked != 1 {
			t.Errorf("it was tried %d times in 30 s", w.fake.asked)
		}
		w.fake.mu.Lock()
		w.fake.err = nil
		w.fake.mu.Unlock()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		if w.fake.asked != 2 || w.fake.Stage().Stage.Kind != stage.Canary {
			t.Errorf("it was tried %d times, and is in %s", w.fake.asked, w.fake.Stage().Stage)
		}
	})
}

// TestAPersonGoesBackWhileAStepForwardWaits: also while the evidence cannot be read.
func TestAPersonGoesBackWhileAStepForwardWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fake.status.Stage = stage.Stage{Kind: stage.Canary, Percent: 1}
		w.fake.status.Since = time.Now().Add(-time.Hour)
		w.fake.emitted(5000)
		w.fake.hangs = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		forward := make(chan error, 1)
		go func() {
			_, err := w.set(ctx, migration.Request{To: "next", Who: "ana"})
			forward <- err
		}()
		synctest.Wait()
		before := w.read
		c, err := w.set(t.Context(), migration.Request{To: "back", Who: "bo"})
		if err != nil || c.Who != "bo" || w.fake.Stage().Stage.Kind != stage.Shadow || w.read != before {
			t.Errorf("%+v, %v", c, err)
		}
		cancel()
		if err := <-forward; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestARequestIsJudgedByFreshEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.fresh(t.Context(), w.state(w.fake)) // a pass
		w.knows(migration.Facts{Run: "run1", Verdict: migration.Verdict{State: "fail", Reason: "1 root divergence"}})
		_, err := w.set(t.Context(), migration.Request{To: "next", Who: "ana"})
		if r, ok := errors.AsType[*migration.Refusal](err); !ok || r.By != migration.ByFail {
			t.Errorf("%v", err)
		}
		w.facts = func(context.Context, stage.Status) (migration.Facts, error) {
			return migration.Facts{}, errors.New("disk failure")
		}
		_, err = w.set(t.Context(), migration.Request{To: "next", Who: "ana"})
		if r, ok := errors.AsType[*migration.Refusal](err); !ok || r.By != migration.ByError {
			t.Errorf("%v", err)
		}
	})
}

// TestARescaledV2BeginsItsStepAgain in a verified stage, and changes nothing else.
func TestARescaledV2BeginsItsStepAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.restartStep(t.Context(), w.fake, "V2 was rescaled to v2:16")
		if w.fake.asked != 0 {
			t.Error("in shadow there is no step to begin again")
		}
		canary := stage.Stage{Kind: stage.Canary, Percent: 5}
		w.fake.status = stage.Status{Stage: canary, Step: 1, Since: time.Now().Add(-time.Hour), Strikes: 1}
		w.fake.emitted(5000)
		w.restartStep(t.Context(), w.fake, "V2 was rescaled to v2:16")
		s := w.fake.Stage()
		if s.Stage != canary || s.Step != 1 || !s.Since.Equal(time.Now()) || s.Emission.RowsOfV2 != 0 || s.Strikes != 1 || s.Last.Why != "V2 was rescaled to v2:16, so the step begins again" || s.Last.Cause != "" {
			t.Errorf("%+v", s)
		}
	})
}

func TestAChangeThatCannotBeStoredIsStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.lost = errors.New("the disk is full")
		if _, err := w.set(t.Context(), migration.Request{To: "next", Who: "ana"}); err != nil {
			t.Fatal(err)
		}
		w.store()
		if len(w.kept) != 0 || len(w.notStored()) != 1 {
			t.Fatal("a change is lost")
		}
		w.lost = nil
		w.store()
		if len(w.kept) != 1 || len(w.notStored()) != 0 || w.kept[0].Who != "ana" {
			t.Errorf("%+v", w.kept)
		}
	})
}

// TestAChangeIsStoredAsSoonAsItHasCommitted: a process that is killed soon after loses none.
func TestAChangeIsStoredAsSoonAsItHasCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.unkept = make(chan struct{}, 1)
		w.start(t)
		if _, err := w.set(t.Context(), migration.Request{To: "next", Who: "ana"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // no time passes
		if len(w.kept) != 1 || len(w.notStored()) != 0 {
			t.Errorf("stored are %+v, not stored %+v", w.kept, w.notStored())
		}
	})
}

// TestChangesThatAKillKeptOutOfTheHistoryAreAdopted, all of them and once, with what they mean for the
// evidence.
func TestChangesThatAKillKeptOutOfTheHistoryAreAdopted(t *testing.T) {
	canary, at := stage.Stage{Kind: stage.Canary, Percent: 5}, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	changes := []stage.Change{
		{To: canary, At: at, Position: 100},
		{From: canary, At: at.Add(time.Second), Position: 200, Cause: stage.Divergence, IsAutomatic: true, Run: "run1"},
		{To: canary, At: at.Add(2 * time.Second), Position: 300, IsForced: true},
	}
	w := newWorld()
	w.recall(changes[:1:1])
	for range 2 { // as after the loss of a broker
		w.adopt(changes, 150)
		w.store()
	}
	if len(w.kept) != 2 || w.kept[0] != changes[1] || w.kept[1] != changes[2] {
		t.Errorf("stored are %+v", w.kept)
	}
	if s := w.state(w.fake); !s.DivergedRuns["run1"] {
		t.Error("the run in which V2 diverged is forgotten")
	}
	span := evidence.Span{From: 200}
	if w.interrupted.mark(&span); span.Rollback == "" {
		t.Error("the evidence is not marked where the job went back")
	}
}

// TestAStoreThatIsBeingMadeHasNoHistory, which is no error.
func TestAStoreThatIsBeingMadeHasNoHistory(t *testing.T) {
	j := &Job{Name: "orders"}
	j.Evidence.Dir = t.TempDir()
	folder := filepath.Join(j.Evidence.Dir, "orders")
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "evidence.db"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if history, err := j.StageHistory(); err != nil || len(history) != 0 {
		t.Errorf("%+v, %v", history, err)
	}
	if err := j.addStep(&migration.Facts{}, stage.Status{}); err != nil {
		t.Error(err)
	}
}

// TestAJobBeginsInTheStageOfItsLastChange, unless V2 or the query is another one.
func TestAJobBeginsInTheStageOfItsLastChange(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	canary := stage.Stage{Kind: stage.Canary, Percent: 5}
	last := func(v2, fingerprint string) *stage.Status {
		s := stage.Status{}.Begun(stage.Change{To: canary, At: now.Add(-time.Hour), V2: v2, Fingerprint: fingerprint, Strikes: 1, Position: 7})
		return &s
	}
	for _, c := range []struct {
		name  string
		last  *stage.Status
		first bool
		want  string
		cause stage.Cause
		isDue bool
		since time.Time
	}{
		{name: "the same V2", last: last("v2:8 auto 1.0", "f"), want: "canary:5", since: now.Add(-time.Hour)},
		{name: "another number of partitions", last: last("v2:4 auto 1.0", "f"), want: "canary:5", isDue: true, since: now},
		{name: "the number of partitions was left open", last: last("v2 auto 1.0", "f"), want: "canary:5", isDue: true, since: now},
		{name: "another version of V2", last: last("v2:8 auto 0.9", "f"), want: "shadow", cause: stage.Changed, isDue: true, since: now},
		{name: "another strategy", last: last("v2:8 always_hash 1.0", "f"), want: "shadow", cause: stage.Changed, isDue: true, since: now},
		{name: "another query", last: last("v2:8 auto 1.0", "g"), want: "shadow", cause: stage.Changed, isDue: true, since: now},
		{name: "the first start", first: true, want: "canary:1", isDue: true, since: now},
		{name: "no change yet, and not the first start", want: "shadow", since: now},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.policy.Stage = stage.Stage{Kind: stage.Canary, Percent: 1}
			s, due := w.begin(c.last, c.first, now)
			if s.Stage.String() != c.want || !s.Since.Equal(c.since) || (due != nil) != c.isDue {
				t.Fatalf("%+v, %+v", s, due)
			}
			if due != nil && (due.Cause != c.cause || due.To != s.Stage || due.V2 != "v2:8 auto 1.0" || due.Fingerprint != "f") {
				t.Errorf("%+v", due)
			}
			if c.cause == stage.Changed && (s.Strikes != 0 || due.From != canary) {
				t.Errorf("%+v, %+v", s, due)
			}
		})
	}
}

func TestSpansAreMarkedWhereTheCleanStretchEnds(t *testing.T) {
	at := func(seconds int) time.Time {
		return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
	}
	span := func(from, to int) *evidence.Span {
		return &evidence.Span{From: int64(from), To: int64(to), Wall: [2]time.Time{at(from), at(to)}}
	}
	var i interruptions
	i.add(stage.Change{To: stage.Stage{Kind: stage.Promoted}, Position: 3}) // forward
	i.add(stage.Change{From: stage.Stage{Kind: stage.Promoted}, Why: "V2 hung", Position: 15})
	i.watch(stage.Emission{FallbackTimes: []time.Time{at(33)}})
	i.watch(stage.Emission{FallbackTimes: []time.Time{at(33), at(34)}})
	var fold evidence.Fold
	for from := 0; from < 60; from += 10 {
		s := span(from, from+10)
		i.mark(s)
		if wantBack, wantFallback := from == 20, from == 30; (s.Rollback != "") != wantBack || (s.Fallback != "") != wantFallback {
			t.Errorf("from %d: rollback %q, fallback %q", from, s.Rollback, s.Fallback)
		}
		if from == 20 && s.Rollback != "from promoted to shadow: V2 hung" {
			t.Error(s.Rollback)
		}
		s.Merged = 1
		fold.Add(s)
	}
	if s := fold.Stretch(); s.From != 30 || len(s.Interruptions) != 2 || s.Interruptions[1].Kind != "rollback" {
		t.Errorf("the clean stretch is from %d: %+v", s.From, s.Interruptions)
	}
}

func TestWhatAVerdictIsMissingBecomesNeeds(t *testing.T) {
	takes := int64(7800)
	v := verdictOf(verdict.Document{Verdict: gate.Inconclusive, ID: "id", Reason: "all of it", Missing: []verdict.Missing{
		{Rule: "windows", Reason: "no window has closed"},
		{Rule: "units", Lacks: []gate.Lack{{What: "keys of totals", Count: 412}}},
		{Rule: "probability", Lacks: []gate.Lack{{What: "keys of totals", Count: 1412, Takes: &takes}}},
	}})
	if len(v.Needs) != 2 || v.Needs[0].Text != "no window has closed" || v.Needs[1].Text != "needs 1,412 more keys of totals" || v.Needs[1].Takes == nil || *v.Needs[1].Takes != 130*time.Minute {
		t.Errorf("%+v", v)
	}
	if v := verdictOf(verdict.Document{Verdict: gate.Fail, Code: 4, Reason: "V2 is too slow"}); v.State != "fail" || v.Reason != "V2 is too slow" {
		t.Errorf("%+v", v)
	}
}

func TestAnAcceptedDifferenceIsAcceptedAsOftenAsAllowed(t *testing.T) {
	accepts := acceptedOf([]gate.Acceptance{{Signature: "a", MaxCount: 10, Expires: "2999-01-01"}, {Signature: "b", MaxCount: 10, Expires: "2001-01-01"}})
	for _, c := range []struct {
		signature string
		count     int64
		want      bool
	}{{"a", 10, true}, {"a", 11, false}, {"b", 1, false}, {"c", 1, false}} {
		if got := accepts(diff.Signature{ID: c.signature, Count: c.count}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
