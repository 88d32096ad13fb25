package shadow_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors/state"
	"parallax/shadow"
	"parallax/shadow/states"
)

// keptState is what a stateKeeper stored.
type keptState struct {
	*state.Snapshot
	held *atomic.Int64
}

func (k keptState) Digests() []state.Digest {
	var d state.Digest
	for _, e := range k.Queries[0] {
		d.Add(numberCodec{}.Append(nil, e))
	}
	return []state.Digest{d}
}

func (k keptState) Release() { k.held.Add(-1) }

func (k keptState) Entries(int) states.Entries {
	return func(visit func(state.Entry) error) error {
		for _, e := range k.Queries[0] {
			if err := visit(e); err != nil {
				return err
			}
		}
		return nil
	}
}

// numberCodec is that of a counting's state.
type numberCodec struct{}

func (numberCodec) Append(dst []byte, e state.Entry) []byte { return fmt.Append(dst, e.State) }
func (numberCodec) Read([]byte) (state.Entry, error)        { return state.Entry{}, errors.ErrUnsupported }

func (numberCodec) Describe(e state.Entry) (key, text string) {
	return "all", fmt.Sprint(e.State)
}

// wrongState is a counting whose state is wrong from a position on, which its rows do not show.
type wrongState struct {
	counting
	from, to int64
	// before is called before the state is given; nil is nothing.
	before func()
}

func (w *wrongState) Snapshot() (*state.Snapshot, error) {
	if w.before != nil {
		w.before()
	}
	s, err := w.counting.Snapshot()
	if w.position >= w.from && w.position < w.to {
		s.Queries[0][0].State = int64(-1)
	}
	return s, err
}

// comparedJob is a job whose state is stored after each batch, and compared.
func comparedJob(batches int, v2 *wrongState, k *stateKeeper) shadow.Job {
	j := countingJob(newInput(batches), &output{}, &counting{}, v2)
	j.Config.Commit.MaxRecords = 1
	j.Keeper = k
	j.States = &states.Plan{Stages: func() ([]states.Stage, error) {
		return []states.Stage{{Name: "counts", Topic: "out", Codec: numberCodec{}, Describer: numberCodec{}}}, nil
	}}
	return j
}

func TestEqualStatesAreCountedAtTheCheckpoints(t *testing.T) {
	for _, everyBatch := range []bool{true, false} {
		rep, err := run(t, t.Context(), comparedJob(6, &wrongState{}, &stateKeeper{everyBatch: everyBatch}))
		if err != nil {
			t.Fatal(err)
		}
		// V2 may be behind at some of them; the last one is always compared.
		if s := rep.States; s.Equal == 0 || s.Differing != 0 || rep.Diff.Root != 0 || !everyBatch && (s.Equal != 1 || s.NotCompared != 0) {
			t.Errorf("states %+v, %d roots", s, rep.Diff.Root)
		}
	}
}

// TestAStateThatDiffersIsARoot: V2's rows are V1's, its state at the clean stop is not.
func TestAStateThatDiffersIsARoot(t *testing.T) {
	rep, err := run(t, t.Context(), comparedJob(6, &wrongState{from: 1, to: 1 << 40}, &stateKeeper{}))
	if err != nil {
		t.Fatal(err)
	}
	if rep.States.Differing != 1 || rep.States.Equal != 0 || rep.Diff.Root != 1 || rep.Diff.ByClass[diff.StateClass] != 1 || rep.Diff.LevelHeld != diff.E1 {
		t.Fatalf("states %+v, result %+v", rep.States, rep.Diff)
	}
	sig := rep.Diff.Signatures[0]
	d := sig.Example.State
	if sig.Class != diff.StateClass || sig.Topic != "out" || d == nil || d.Stage != "counts" || len(d.Keys) != 1 || d.Entries != 2 {
		t.Fatalf("the signature is %+v, with %+v", sig, d)
	}
	if k := d.Keys[0]; k.Key != "all" || k.V1 == k.V2 || k.V2 != "-1" {
		t.Errorf("the key is %+v", k)
	}
}

// TestARunThatContinuesAndGetsNoInputComparesAtTheBatchBefore: that is the last one before its
// checkpoint. The state that it continued from is not kept.
func TestARunThatContinuesAndGetsNoInputComparesAtTheBatchBefore(t *testing.T) {
	j := comparedJob(0, &wrongState{to: 1 << 40}, &stateKeeper{})
	j.Resume = &shadow.Resumption{State: &state.Snapshot{Position: 30, Queries: [][]state.Entry{{{State: int64(27)}}}}, Next: 3}
	rep, err := run(t, t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Diff.Signatures) != 1 || rep.Diff.Signatures[0].Example.Batch != 2 {
		t.Errorf("states %+v, signatures %+v, want one of batch 2", rep.States, rep.Diff.Signatures)
	}
	if j.Resume.State != nil {
		t.Error("the state is kept after V1 has it")
	}
}

// TestAV2WhoseStateHangsOrPanicsIsDetached, and V1 goes on.
func TestAV2WhoseStateHangsOrPanicsIsDetached(t *testing.T) {
	for name, before := range map[string]func(chan struct{}){
		"hangs":  func(end chan struct{}) { <-end },
		"panics": func(chan struct{}) { panic("oops") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				v2 := &wrongState{before: func() { before(end) }}
				k := &stateKeeper{everyBatch: true}
				j := comparedJob(4, v2, k)
				j.Config.Candidate.Reseed = false
				rep, err := run(t, t.Context(), j)
				close(end)
				if err != nil {
					t.Fatal(err)
				}
				if rep.Detached == "" || rep.States.Equal+rep.States.Differing != 0 || rep.States.NotCompared == 0 || rep.States.Why == "" {
					t.Errorf("detached %q, states %+v", rep.Detached, rep.States)
				}
				if n := k.held.Load(); n != 0 {
					t.Errorf("%d states are held at the end", n)
				}
				if last := k.states[len(k.states)-1]; last.Position != 4*2 && last.Position == 0 {
					t.Errorf("V1's last state is of position %d", last.Position)
				}
			})
		})
	}
}

// TestAtMostOneCheckpointIsCompared: a V2 that is behind is not asked for a state at each.
func TestAtMostOneCheckpointIsComparedAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v2 := &wrongState{before: func() { time.Sleep(time.Millisecond) }}
		k := &stateKeeper{everyBatch: true}
		rep, err := run(t, t.Context(), comparedJob(6, v2, k))
		if err != nil {
			t.Fatal(err)
		}
		if n := k.held.Load(); n != 0 {
			t.Errorf("%d states are held at the end", n)
		}
		if s := rep.States; s.Equal != 2 || s.NotCompared != 5 || !strings.Contains(s.Why, "behind") {
			t.Errorf("states %+v, want the first and the last to be compared", s)
		}
	})
}

func TestARunSaysWhyNoStatesWereCompared(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*shadow.Job)
		want   string
	}{
		"no state": {func(j *shadow.Job) { j.States, j.Keeper, j.NoStates = nil, nil, "no query has state" }, "no query has state"},
		"no V2":    {func(j *shadow.Job) { j.Candidate = nil }, "V2 is off"},
	} {
		t.Run(name, func(t *testing.T) {
			j := comparedJob(3, &wrongState{}, &stateKeeper{})
			c.change(&j)
			rep, err := run(t, t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			if rep.States.Why != c.want || rep.States.Equal != 0 {
				t.Errorf("states %+v, want %q", rep.States, c.want)
			}
		})
	}
}

// TestAStateThatGoesOnDifferingIsOneRoot: what differs at later checkpoints are cascades. The
// first one is logged with its key.
func TestAStateThatGoesOnDifferingIsOneRoot(t *testing.T) {
	j := comparedJob(6, &wrongState{from: 1, to: 1 << 40}, &stateKeeper{everyBatch: true})
	var log strings.Builder
	j.Log, j.LogDivergences = slog.New(slog.NewTextHandler(&log, nil)), true
	rep, err := run(t, t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if n := rep.States.Differing; n == 0 || rep.States.Equal != 0 || rep.Diff.Root != 1 || rep.Diff.Cascade != n-1 {
		t.Errorf("states %+v, %d roots and %d cascades", rep.States, rep.Diff.Root, rep.Diff.Cascade)
	}
	if text := log.String(); !strings.Contains(text, "class=state") || !strings.Contains(text, `"first key"=all`) || !strings.Contains(text, `"V2 has"=-1`) {
		t.Errorf("the log has\n%s", text)
	}
}
