package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"testing"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/shadow"
	"parallax/shadow/states"
)

// counting is a path whose rows depend on what it has taken before: each row has the number of
// records of the path so far. Its state is that number.
type counting struct {
	path
	taken      int64
	position   int64
	restoreErr error
}

func (c *counting) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o, err := c.path.Process(ctx, b)
	if err != nil {
		return nil, err
	}
	for i := range o.Changes {
		c.taken++
		o.Changes[i].Values = []row.Value{row.NewBigint(c.taken)}
	}
	c.position = b.First + int64(b.Len())
	return o, nil
}

func (c *counting) Snapshot() (*state.Snapshot, error) {
	return &state.Snapshot{Position: c.position, Queries: [][]state.Entry{{{State: c.taken}}}}, nil
}

func (c *counting) Restore(s *state.Snapshot) error {
	if c.restoreErr != nil {
		return c.restoreErr
	}
	c.position, c.taken = s.Position, s.Queries[0][0].State.(int64)
	return nil
}

// stateKeeper has the states that a run stored.
type stateKeeper struct {
	everyBatch bool
	states     []*state.Snapshot
	last       []bool // of each: whether KeepNow was called with it, and isLast
	failNow    error
	held       atomic.Int64 // that are not released
}

// kept returns the last state.
func (k *stateKeeper) kept() keptState {
	k.held.Add(1)
	return keptState{k.states[len(k.states)-1], &k.held}
}

func (k *stateKeeper) IsDue() bool { return k.everyBatch }

func (k *stateKeeper) Keep(_ context.Context, f *state.Frozen, done func(states.Stored, error)) {
	k.states, k.last = append(k.states, f.Snapshot()), append(k.last, false)
	done(k.kept(), nil)
}

func (k *stateKeeper) Forget() error { k.states, k.last = nil, nil; return nil }

func (k *stateKeeper) KeepNow(_ context.Context, f *state.Frozen, isLast bool) (states.Stored, error) {
	if k.failNow != nil {
		return nil, k.failNow
	}
	k.states, k.last = append(k.states, f.Snapshot()), append(k.last, isLast)
	return k.kept(), nil
}

// replayed is an input whose first batches are replayed, and an output that takes none of
// those.
type replayed struct {
	*input
	*output
	upTo int64 // a position
	next int64 // the next batch's
	took int   // batches that were replayed
}

func (r *replayed) IsReplaying() bool { return r.next < r.upTo }

func (r *replayed) Next(ctx context.Context) (*row.Batch, error) {
	b, err := r.input.Next(ctx)
	if err == nil {
		r.next = b.First + int64(b.Len())
	}
	return b, err
}

func (r *replayed) Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	if b.First < r.upTo {
		r.took++
		return nil
	}
	return r.output.Emit(ctx, b, changes, dead)
}

func countingJob(in shadow.Source, out shadow.Output, v1, v2 processors.Processor) shadow.Job {
	j := job(nil, nil, nil, nil, config())
	j.Source, j.Output = in, out
	j.Control = func() (processors.Processor, error) { return v1, nil }
	j.Candidate = func() (processors.Processor, error) { return v2, nil }
	return j
}

// TestARunContinuesFromAStateAndReplaysWithoutEmitting stops a run after each batch, and
// continues it from each state that was stored before.
func TestARunContinuesFromAStateAndReplaysWithoutEmitting(t *testing.T) {
	const batches = 6
	whole := &output{}
	if _, err := run(t, t.Context(), countingJob(newInput(batches), whole, &counting{}, &counting{})); err != nil {
		t.Fatal(err)
	}
	for from := range batches {
		for committed := from; committed <= batches; committed++ {
			t.Run(fmt.Sprintf("from %d, %d committed", from, committed), func(t *testing.T) {
				first := newInput(batches)
				rest := &input{batches: slices.Clone(first.batches[from:])}
				first.batches = first.batches[:from]
				k, out := &stateKeeper{}, &output{}
				j := countingJob(first, out, &counting{}, &counting{})
				j.Keeper = k
				if _, err := run(t, t.Context(), j); err != nil {
					t.Fatal(err)
				}
				if len(k.states) != 2 || k.last[0] || !k.last[1] || k.states[0].Position != 0 {
					t.Fatalf("%d states were stored (%v), want one at the start and one at the end", len(k.states), k.last)
				}
				r := &replayed{input: rest, output: &output{}, upTo: int64(committed * 10), next: int64(from * 10)}
				second := countingJob(r, r, &counting{}, &counting{})
				second.Resume = &shadow.Resumption{State: k.states[1], Next: int64(from)}
				rep, err := run(t, t.Context(), second)
				if err != nil {
					t.Fatal(err)
				}
				if r.took != committed-from {
					t.Errorf("%d batches were replayed, want %d", r.took, committed-from)
				}
				var want []string // the rows of the unbroken run after what has committed
				for _, line := range whole.committed {
					var position int64
					if _, err := fmt.Sscanf(line, "%d:", &position); err == nil && position >= r.upTo {
						want = append(want, line)
					}
				}
				var got []string
				for _, line := range r.output.committed {
					var position int64
					if _, err := fmt.Sscanf(line, "%d:", &position); err == nil {
						got = append(got, line)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("emitted %v, want %v", got, want)
				}
				if live := int64(batches-committed) * 10; rep.Ledger.Records() != live || rep.Ledger.Gap != 0 || rep.Diff.Root != 0 || rep.Ledger.Compared != live*9/10 {
					t.Errorf("the ledger is %+v with %d divergences, want %d records that are compared but for the undecodable ones", rep.Ledger, rep.Diff.Root, live)
				}
				if rep.Reseeds != 0 || len(rep.Holes) != 0 {
					t.Errorf("%d re-seeds and holes %v, want none", rep.Reseeds, rep.Holes)
				}
			})
		}
	}
}

func TestStatesAreStoredOnceTheirInputHasCommitted(t *testing.T) {
	k, out := &stateKeeper{everyBatch: true}, &output{}
	j := countingJob(newInput(9), out, &counting{}, &counting{})
	j.Keeper = k
	if _, err := run(t, t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if len(k.states) < 3 {
		t.Fatalf("%d states were stored, want one at the start, one after each commit, and one at the end", len(k.states))
	}
	for i, s := range k.states[1:] {
		if want := fmt.Sprintf("offset %d", s.Position); !slices.Contains(out.committed, want) {
			t.Errorf("state %d is of position %d, which was no commit's end: %v", i+1, s.Position, out.committed)
		}
	}
}

func TestAStateThatCannotBeStoredAtTheStartEndsTheRunAndLaterDoesNot(t *testing.T) {
	k := &stateKeeper{failNow: errors.New("no space left")}
	j := countingJob(newInput(3), &output{}, &counting{}, &counting{})
	j.Keeper = k
	if _, err := run(t, t.Context(), j); !errors.Is(err, k.failNow) {
		t.Errorf("at the start: %v, want %v", err, k.failNow)
	}
	out := &output{}
	j = countingJob(newInput(3), out, &counting{}, &counting{})
	j.Keeper, j.Resume = k, &shadow.Resumption{State: &state.Snapshot{Queries: [][]state.Entry{{{State: int64(0)}}}}}
	if _, err := run(t, t.Context(), j); err != nil || !slices.Contains(out.committed, "offset 30") {
		t.Errorf("at the end: %v, committed %v", err, out.committed)
	}
}

func TestAV2ThatCannotRestoreIsDetachedAndV1Continues(t *testing.T) {
	out := &output{}
	j := countingJob(newInput(4), out, &counting{}, &counting{restoreErr: errors.New("cannot read it")})
	j.Config.Candidate.Reseed = false
	j.Resume = &shadow.Resumption{State: &state.Snapshot{Queries: [][]state.Entry{{{State: int64(0)}}}}}
	rep, err := run(t, t.Context(), j)
	if err != nil || !slices.Contains(out.committed, "offset 40") {
		t.Errorf("%v, committed %v", err, out.committed)
	}
	if rep.Detached == "" || rep.Ledger.Compared != 0 {
		t.Errorf("V2 is detached because of %q with %d records compared, want none compared", rep.Detached, rep.Ledger.Compared)
	}
	j = countingJob(newInput(4), &output{}, &counting{restoreErr: errors.New("cannot read it")}, &counting{})
	j.Resume = &shadow.Resumption{State: &state.Snapshot{Queries: [][]state.Entry{{{State: int64(0)}}}}}
	if _, err := run(t, t.Context(), j); err == nil {
		t.Error("a V1 that cannot restore did not end the run")
	}
}

func TestAReplayWhoseInputEndsEarlyEndsTheRun(t *testing.T) {
	r := &replayed{input: newInput(2), output: &output{}, upTo: 30}
	j := countingJob(r, r, &counting{}, &counting{})
	j.Resume = &shadow.Resumption{State: &state.Snapshot{Queries: [][]state.Entry{{{State: int64(0)}}}}}
	if _, err := run(t, t.Context(), j); err == nil || errors.Is(err, io.EOF) || len(r.output.committed) > 0 {
		t.Errorf("%v, committed %v", err, r.output.committed)
	}
}
