package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/emission"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// stageOutput is an output that stores changes of stage.
type stageOutput struct {
	output
	position int64
	changes  []stage.Change // that committed
	recorded []stage.Change
}

func (o *stageOutput) Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	o.position = b.First + int64(b.Len())
	return o.output.Emit(ctx, b, changes, dead)
}

func (o *stageOutput) RecordsStages() bool { return true }

func (o *stageOutput) RecordStage(_ context.Context, c *stage.Change) error {
	c.Position = o.position
	o.recorded = append(o.recorded, *c)
	return nil
}

func (o *stageOutput) Commit(ctx context.Context) error {
	if err := o.output.Commit(ctx); err != nil {
		return err
	}
	o.changes, o.recorded = append(o.changes, o.recorded...), nil
	return nil
}

var (
	inShadow = stage.Stage{Kind: stage.Shadow}
	promoted = stage.Stage{Kind: stage.Promoted}
)

func canary(percent float64) stage.Stage { return stage.Stage{Kind: stage.Canary, Percent: percent} }

// signals is a path that closes a channel when it has begun a batch.
func signals(at map[int64]chan struct{}) *path {
	return &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		if c := at[o.Batch.Seq]; c != nil {
			close(c)
		}
		return o, nil
	}}
}

// aRun is a run in the background.
type aRun struct {
	*shadow.Runner
	done chan struct{}
	rep  evidence.Report
	err  error
}

func begin(t *testing.T, j shadow.Job) *aRun {
	t.Helper()
	runner, err := shadow.New(j)
	if err != nil {
		t.Fatal(err)
	}
	r := &aRun{Runner: runner, done: make(chan struct{})}
	ctx := t.Context()
	go func() {
		defer close(r.done)
		r.rep, r.err = runner.Run(ctx)
	}()
	return r
}

// end waits for the end of a run.
func (r *aRun) end(t *testing.T) evidence.Report {
	t.Helper()
	<-r.done
	if r.err != nil || r.rep.Broken != "" {
		t.Fatalf("the run ended with %v, broken %q", r.err, r.rep.Broken)
	}
	return r.rep
}

func (r *aRun) set(t *testing.T, to stage.Stage) {
	t.Helper()
	if err := r.SetStage(t.Context(), stage.Change{To: to, Who: "anna", Why: "a test"}); err != nil {
		t.Fatalf("to %s: %v", to, err)
	}
}

// verifiedJob is a job with a V2 that adds 1 to the value of each row, which a rule tolerates.
func verifiedJob(in *input, out shadow.Output, v1 *path) shadow.Job {
	v2 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		for i := range o.Changes {
			o.Changes[i].Values = []row.Value{row.NewBigint(o.Changes[i].Values[0].Int64() + 1)}
		}
		return o, nil
	}}
	j := job(in, nil, v1, v2, config())
	j.Output, j.Salt = out, "pepper"
	j.Rules = []diff.Rule{{Column: "V", Absolute: 1, Owner: "anna", Reason: "rounding", Expires: "2100-01-01", MaxRate: 1}}
	return j
}

// emittedBy is the value that was emitted of each position, less V1's: 1 where it is V2's.
func emittedBy(t *testing.T, lines []string) map[int64]int64 {
	t.Helper()
	of := map[int64]int64{}
	for _, line := range lines {
		var position, value int64
		if _, err := fmt.Sscanf(line, "%d:[%d]", &position, &value); err != nil {
			continue // an offset
		}
		if _, twice := of[position]; twice {
			t.Errorf("the row of record %d was emitted twice", position)
		}
		of[position] = value - position
	}
	return of
}

func TestACanaryEmitsV2sValuesOfExactlyTheChosenKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(400)
		in.pause = 10 * time.Millisecond
		out := &stageOutput{}
		at := map[int64]chan struct{}{50: make(chan struct{}), 150: make(chan struct{}), 250: make(chan struct{}), 350: make(chan struct{})}
		j := verifiedJob(in, out, signals(at))
		var told []stage.Change
		j.StageChanged = func(c stage.Change) { told = append(told, c) }
		r := begin(t, j)
		for _, s := range []struct {
			at int64
			to stage.Stage
		}{{50, canary(5)}, {150, canary(25)}, {250, promoted}, {350, canary(25)}} {
			<-at[s.at]
			r.set(t, s.to)
			if got := r.Stage(); got.Stage != s.to || got.Last == nil || got.Last.Who != "anna" {
				t.Errorf("after the change to %s the stage is %+v", s.to, got)
			}
		}
		rep := r.end(t)
		if rep.Diff.Roots() != 0 {
			t.Fatalf("divergences %+v", rep.Diff.ByClass)
		}
		if len(out.changes) != 4 || !slices.Equal(told, out.changes) {
			t.Fatalf("changes %+v, told of %+v", out.changes, told)
		}
		choice := emission.NewChoice("pepper")
		isOfV2 := func(position int64) bool {
			now := inShadow
			for _, c := range out.changes {
				if c.Position <= position {
					now = c.To
				}
			}
			hash := row.Hash([]row.Value{row.NewBigint(position)})
			return now == promoted || now.Kind == stage.Canary && choice.IsChosen(hash, now.Percent)
		}
		of := emittedBy(t, out.committed)
		if len(of) != 400*9 {
			t.Fatalf("%d rows, want %d", len(of), 400*9)
		}
		rows := 0
		for position, delta := range of {
			// What waits at a change back is emitted as V1 made it.
			if waited := delta == 0 && position >= out.changes[3].Position && position < out.changes[3].Position+20; isOfV2(position) != (delta == 1) && !waited {
				t.Errorf("row %d: V2's %v, want %v", position, delta == 1, isOfV2(position))
			}
			if delta == 1 {
				rows++
			}
		}
		if rows < 800 || rows > 1500 { // 900 in promoted, 5 and 25 % of 900 each
			t.Errorf("%d rows are V2's", rows)
		}
	})
}

func TestAKeyThatIsChosenStaysChosenAtALargerPercentage(t *testing.T) {
	choice := emission.NewChoice("orders")
	for _, percent := range []float64{1, 5, 25, 50} {
		n := 0
		for i := range int64(10_000) {
			hash := row.Hash([]row.Value{row.NewBigint(i)})
			if !choice.IsChosen(hash, percent) {
				continue
			}
			n++
			for _, more := range []float64{percent + 1, 60, 99.9} {
				if !choice.IsChosen(hash, more) {
					t.Fatalf("key %d is chosen at %v %% and not at %v %%", i, percent, more)
				}
			}
		}
		if want := 100 * percent; float64(n) < 0.8*want || float64(n) > 1.2*want {
			t.Errorf("%d of 10,000 keys at %v %%", n, percent)
		}
	}
	if a, b := emission.NewChoice("a"), emission.NewChoice("b"); a.IsChosen(1, 50) == b.IsChosen(1, 50) && a.IsChosen(2, 50) == b.IsChosen(2, 50) && a.IsChosen(3, 50) == b.IsChosen(3, 50) && a.IsChosen(4, 50) == b.IsChosen(4, 50) && a.IsChosen(5, 50) == b.IsChosen(5, 50) && a.IsChosen(6, 50) == b.IsChosen(6, 50) {
		t.Error("the salt makes no difference")
	}
}

// aloneOutput is what V1 emits without V2.
func aloneOutput(t *testing.T, batches int) []string {
	t.Helper()
	out := &output{}
	if _, err := run(t, t.Context(), job(newInput(batches), out, &path{}, nil, config())); err != nil {
		t.Fatal(err)
	}
	return out.committed
}

// A V2 that hangs in a verified stage, with its queue full and a transaction open, holds V1's rows up
// for no longer than canary.wait; a change back takes effect while it hangs.
func TestAV2ThatHangsInAVerifiedStageHoldsUpTheOutputForCanaryWait(t *testing.T) {
	for _, onOverload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		for _, isAsked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked to go back %v", onOverload, isAsked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want := aloneOutput(t, 200)
					release, hangs := make(chan struct{}), make(chan struct{})
					defer close(release)
					v2 := whenBatch(20, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
						close(hangs)
						<-release
						return o, nil
					})
					in := newInput(200)
					in.pause = 20 * time.Millisecond
					out := &stageOutput{}
					cfg := config()
					cfg.Candidate.Queue, cfg.Candidate.OnOverload, cfg.Candidate.Reseed = 4, onOverload, false
					cfg.Candidate.Backpressure.Enabled = false
					j := job(in, nil, &path{}, v2, cfg)
					j.Output = out
					j.Stage.Stage, j.CanaryWait = promoted, time.Second
					r := begin(t, j)
					<-hangs
					began := time.Now()
					if isAsked {
						synctest.Wait()
						r.set(t, inShadow)
						if took := time.Since(began); took > 0 {
							t.Errorf("the change back took %v", took)
						}
					}
					rep := r.end(t)
					if !slices.Equal(out.committed, want) || len(out.open) != 0 {
						t.Errorf("emitted\n%v\nwant\n%v", out.committed, want)
					}
					closed(t, rep.Ledger, 2000)
					last := r.Stage()
					if last.Stage != inShadow || len(out.changes) != 1 {
						t.Fatalf("the stage is %+v, changes %+v", last, out.changes)
					}
					c := out.changes[0]
					if c.From != promoted || c.IsAutomatic == isAsked || !isAsked && (c.Strikes != 1 || c.Cause != stage.Detached || !strings.Contains(c.Why, "V2 was detached")) {
						t.Errorf("the change is %+v", c)
					}
				})
			})
		}
	}
}

// The fallback is one episode however long it lasts, and ends with the first batch that is compared in
// time.
func TestAFallbackIsOneEpisodeAndEndsOnceV2IsInTimeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v2 := &path{act: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
			if s := o.Batch.Seq; s == 20 || s == 100 {
				<-time.After(3 * time.Second)
			}
			for i := range o.Changes {
				o.Changes[i].Values = []row.Value{row.NewBigint(o.Changes[i].Values[0].Int64() + 1)}
			}
			return o, nil
		}}
		in := newInput(200)
		in.pause = 100 * time.Millisecond
		out := &stageOutput{}
		cfg := config()
		cfg.Candidate.Queue, cfg.Candidate.ShedAfter = 8, time.Minute
		j := verifiedJob(in, out, &path{})
		j.Config, j.Stage.Stage, j.CanaryWait = cfg, promoted, time.Second
		j.Candidate = job(in, nil, nil, v2, cfg).Candidate
		r := begin(t, j)
		rep := r.end(t)
		if rep.Diff.Roots() != 0 {
			t.Fatalf("divergences %+v", rep.Diff.ByClass)
		}
		s := r.Stage()
		if s.Stage != promoted || s.Emission.Fallbacks != 2 || len(s.Emission.FallbackTimes) != 2 {
			t.Errorf("the stage is %+v", s)
		}
		of := emittedBy(t, out.committed)
		if len(of) != 1800 {
			t.Fatalf("%d rows", len(of))
		}
		var ofV1 []int64 // batches of which V1's rows were emitted
		for seq := range int64(200) {
			if of[seq*10] == 0 {
				ofV1 = append(ofV1, seq)
			}
		}
		// 20 waited for 1 s, and 2 s later V2 has finished; it works off what has come by then in no time.
		if n := len(ofV1); n < 50 || n > 66 || ofV1[0] != 20 || !slices.Contains(ofV1, 100) || slices.Contains(ofV1, 60) || slices.Contains(ofV1, 150) {
			t.Errorf("V1's rows of batches %v", ofV1)
		}
		if s.Emission.RowsOfV2 != int64(1800-9*len(ofV1)) {
			t.Errorf("%d rows of V2", s.Emission.RowsOfV2)
		}
	})
}

// A divergent row is never emitted, and the job goes back by itself.
func TestADivergentRowIsNotEmitted(t *testing.T) {
	for name, accepts := range map[string]bool{"a divergence": false, "one that is accepted": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v2 := whenBatch(20, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
					o.Changes[4].Values = []row.Value{row.NewBigint(-1)}
					return o, nil
				})
				in := newInput(40)
				in.pause = 10 * time.Millisecond
				out := &stageOutput{}
				j := job(in, nil, &path{}, v2, config())
				j.Output, j.Stage.Stage, j.Stage.Strikes = out, promoted, 1
				j.IsAccepted = func(s diff.Signature) bool { return accepts && s.Class == diff.ValueClass }
				j.GoBack = func(c stage.Change) stage.Change {
					c.IsHeld = c.Strikes == 2
					return c
				}
				r := begin(t, j)
				r.end(t)
				of := emittedBy(t, out.committed)
				if len(of) != 360 {
					t.Fatalf("%d rows", len(of))
				}
				if isEmitted := of[205] != 0; isEmitted != accepts {
					t.Errorf("V2's row was emitted: %v", isEmitted)
				}
				s := r.Stage()
				if accepts {
					if s.Stage != promoted || len(out.changes) != 0 {
						t.Errorf("the stage is %+v", s)
					}
					return
				}
				if s.Stage != inShadow || s.Strikes != 2 || !s.IsHeld || len(out.changes) != 1 || out.changes[0].Cause != stage.Divergence || !strings.Contains(out.changes[0].Why, "diverges") {
					t.Errorf("the stage is %+v, changes %+v", s, out.changes)
				}
				if c := out.changes[0]; c.Position > 210 {
					t.Errorf("the job went back at position %d", c.Position)
				}
			})
		})
	}
}

// Where V2 is detached in a verified stage under late: dlq, V1's rows and dead letters are emitted
// once each.
func TestAV2ThatIsDetachedInPromotedLosesNoDeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v2 := whenBatch(20, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") })
		late := func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			o.Changes, o.Dispositions[5], o.Raw = slices.Delete(o.Changes, 4, 5), row.Late, o.Raw-1
			o.Late = 1
			o.DeadLetters = []row.DeadLetter{{Record: 5, Reason: "late"}}
			return o, nil
		}
		fails := v2.act
		v2.act = func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
			if o.Batch.Seq == 20 {
				return fails(ctx, o)
			}
			return late(ctx, o)
		}
		in := newInput(60)
		in.pause = 10 * time.Millisecond
		out := &stageOutput{}
		cfg := config()
		cfg.Candidate.Reseed = false
		j := job(in, nil, &path{act: late}, v2, cfg)
		j.Output, j.Stage.Stage = out, promoted
		r := begin(t, j)
		rep := r.end(t)
		if got := emittedBy(t, out.committed); len(got) != 60*8 {
			t.Errorf("%d rows, want %d", len(got), 60*8)
		}
		if out.dead != 60*2 { // the late record, and the one that cannot be decoded
			t.Errorf("%d dead letters, want 120", out.dead)
		}
		closed(t, rep.Ledger, 600)
		if s := r.Stage(); s.Stage != inShadow || s.Strikes != 1 {
			t.Errorf("the stage is %+v", s)
		}
	})
}

// A change forward is given up after the patience where V2 does not come, and V1 goes on meanwhile.
func TestAChangeForwardIsGivenUpWhereV2IsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		v2 := whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-release
			return o, nil
		})
		in := newInput(400)
		in.pause = 100 * time.Millisecond
		out := &stageOutput{}
		cfg := config()
		cfg.Candidate.Deadline, cfg.Candidate.Queue, cfg.Candidate.ShedAfter = time.Hour, 1000, time.Hour
		at := map[int64]chan struct{}{10: make(chan struct{})}
		j := job(in, nil, signals(at), v2, cfg)
		j.Output = out
		r := begin(t, j)
		<-at[10]
		began := time.Now()
		err := r.SetStage(t.Context(), stage.Change{To: canary(5)})
		if !errors.Is(err, shadow.ErrStageNotReached) || !strings.Contains(err.Error(), "behind") {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(began); took < 30*time.Second || took > 32*time.Second {
			t.Errorf("given up after %v", took)
		}
		if s := r.Stage(); s.Stage != inShadow || len(out.changes) != 0 {
			t.Errorf("the stage is %+v", s)
		}
		if err := r.SetStage(t.Context(), stage.Change{To: inShadow, Who: "anna", Why: "released"}); err != nil {
			t.Error(err)
		}
		go func() { release <- struct{}{} }()
		r.end(t)
	})
}

// A change that waits for V2 was decided on for what was then: it is given up when another one takes
// effect meanwhile, here a person's. A change to the stage of before does not lead there again.
func TestAChangeIsGivenUpWhenAnotherOneTakesEffectBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v2 := whenBatch(30, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-release
			return o, nil
		})
		in := newInput(400)
		in.pause = 100 * time.Millisecond
		out := &stageOutput{}
		cfg := config()
		cfg.Candidate.Deadline, cfg.Candidate.Queue, cfg.Candidate.ShedAfter = time.Hour, 1000, time.Hour
		at := map[int64]chan struct{}{}
		for _, seq := range []int64{10, 40, 80, 90} {
			at[seq] = make(chan struct{})
		}
		j := job(in, nil, signals(at), v2, cfg)
		j.Output = out
		r := begin(t, j)
		<-at[10]
		r.set(t, canary(5))
		<-at[40]
		forward := make(chan error, 1)
		go func() { forward <- r.SetStage(t.Context(), stage.Change{To: promoted, Who: "parallax"}) }()
		synctest.Wait()
		r.set(t, inShadow)
		close(release)
		if err := <-forward; !errors.Is(err, shadow.ErrStageSuperseded) || !errors.Is(err, shadow.ErrStageNotReached) {
			t.Errorf("the error is %v", err)
		}
		<-at[80]
		r.set(t, canary(5))
		before := r.Stage()
		r.set(t, inShadow)
		<-at[90]
		if err := r.SetStageFrom(t.Context(), before, stage.Change{To: canary(5), Who: "parallax"}); !errors.Is(err, shadow.ErrStageSuperseded) {
			t.Errorf("the step begins again although the job has gone back: %v", err)
		}
		if err := r.SetStageFrom(t.Context(), before, stage.Change{To: inShadow, Who: "parallax", IsHeld: true}); !errors.Is(err, shadow.ErrStageSuperseded) {
			t.Errorf("the job is held by what it was in before: %v", err)
		}
		if s := r.Stage(); s.Stage != inShadow || s.IsHeld || len(out.changes) != 4 {
			t.Errorf("the stage is %+v after %d changes", s, len(out.changes))
		}
		r.end(t)
	})
}
