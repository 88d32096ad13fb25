package shadow_test

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/state"
	"parallax/shadow"
)

// begun is the state with which the runs of these tests continue an earlier one.
func begun() *shadow.Resumption {
	return &shadow.Resumption{State: &state.Snapshot{Queries: [][]state.Entry{{{State: int64(0)}}}}}
}

// unclosed is a V2 whose Restore or Close hangs, or whose capabilities are too few.
type unclosed struct {
	counting
	restore, close func()
	gives          *processors.Capabilities
}

func (u *unclosed) Capabilities() processors.Capabilities {
	if u.gives != nil {
		return *u.gives
	}
	return processors.Capabilities{Cause: true, Dispositions: true, Order: true, PortableState: true}
}

func (u *unclosed) Restore(s *state.Snapshot) error {
	if u.restore != nil {
		u.restore()
	}
	return u.counting.Restore(s)
}

func (u *unclosed) Close() error {
	if u.close != nil {
		u.close()
	}
	return u.counting.Close()
}

// TestV1DoesNotWaitForAV2ThatHangsAtTheStart: V1 begins within v2.deadline, whatever the first V2
// hangs in, writes what it writes without V2, and another V2 comes in later.
func TestV1DoesNotWaitForAV2ThatHangsAtTheStart(t *testing.T) {
	const seconds = 100 // that V1 takes by itself
	alone := &output{}
	if _, err := run(t, t.Context(), countingJob(newInput(seconds), alone, &counting{}, &counting{})); err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]func(hang func()) (processors.Processor, error){
		"its constructor": func(hang func()) (processors.Processor, error) { hang(); return nil, errors.New("released") },
		"its constructor, and then its Close": func(hang func()) (processors.Processor, error) {
			time.Sleep(25 * time.Second) // of the test's own clock
			return &unclosed{close: hang}, nil
		},
		"Restore":           func(hang func()) (processors.Processor, error) { return &unclosed{restore: hang}, nil },
		"Restore and Close": func(hang func()) (processors.Processor, error) { return &unclosed{restore: hang, close: hang}, nil },
	} {
		for _, isContinued := range []bool{false, true} {
			if strings.HasPrefix(name, "Restore") && !isContinued {
				continue // nothing is restored
			}
			t.Run(name+map[bool]string{false: ", in a run that begins", true: ", in a run that continues"}[isContinued], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					defer close(release)
					in, out := newInput(seconds), &output{}
					in.pause = time.Second
					j := countingJob(in, out, &counting{}, nil)
					var built atomic.Int64
					j.Candidate = func() (processors.Processor, error) {
						if built.Add(1) > 1 {
							return &counting{}, nil
						}
						return first(func() { <-release })
					}
					if isContinued {
						j.Resume = begun()
					}
					start := time.Now()
					rep, err := run(t, t.Context(), j)
					if took, most := time.Since(start), seconds*time.Second+j.Config.Candidate.Deadline; err != nil || took > most {
						t.Fatalf("error %v; the run took %v of the test's clock, want at most %v", err, took, most)
					}
					if !slices.Equal(out.committed, alone.committed) {
						t.Errorf("%d rows and offsets committed, want the %d of V1 alone", len(out.committed), len(alone.committed))
					}
					if want := "its constructor or its Restore did not return"; !strings.Contains(rep.Detached, want) {
						t.Errorf("detached because of %q, want %q", rep.Detached, want)
					}
					if rep.Reseeds != 1 || built.Load() != 2 || rep.Ledger.Compared == 0 || rep.Ledger.Gap != 0 {
						t.Errorf("%d V2s were built, %d came back, ledger %+v", built.Load(), rep.Reseeds, rep.Ledger)
					}
				})
			})
		}
	}
}

// TestAV2WhoseConstructorIsSlowComesInWithoutAHole: it takes longer than the deadline, and what came
// meanwhile waits for it.
func TestAV2WhoseConstructorIsSlowComesInWithoutAHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := newInput(40), &output{}
		in.pause = time.Second
		j := countingJob(in, out, &counting{}, nil)
		j.Candidate = func() (processors.Processor, error) {
			time.Sleep(j.Config.Candidate.Deadline * 3 / 2)
			return &counting{}, nil
		}
		rep, err := run(t, t.Context(), j)
		if err != nil || rep.Detached != "" || rep.HoleCount != 0 || rep.Ledger.Compared != 360 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("error %v, detached %q, %d holes, %d records compared, held %s", err, rep.Detached, rep.HoleCount, rep.Ledger.Compared, rep.Diff.LevelHeld)
		}
	})
}

// TestAJobThatContinuesDoesWithoutAV2ThatCannotBeBuilt: only a run that begins is refused, because
// its job file may be wrong.
func TestAJobThatContinuesDoesWithoutAV2ThatCannotBeBuilt(t *testing.T) {
	few := processors.Capabilities{}
	for name, build := range map[string]func() (processors.Processor, error){
		"an error":            func() (processors.Processor, error) { return nil, errors.New("no memory") },
		"a panic":             func() (processors.Processor, error) { panic("no memory") },
		"it gives too little": func() (processors.Processor, error) { return &unclosed{gives: &few}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &output{}
				j := countingJob(newInput(4), out, &counting{}, nil)
				j.Candidate = build
				if _, err := run(t, t.Context(), j); err == nil || len(out.committed) > 0 {
					t.Errorf("a run that begins: error %v, committed %v", err, out.committed)
				}
				j.Source, j.Resume = newInput(4), begun()
				rep, err := run(t, t.Context(), j)
				if err != nil || !slices.Contains(out.committed, "offset 40") || rep.Detached == "" || rep.Ledger.Compared != 0 {
					t.Errorf("a run that continues: error %v, detached %q, committed %v", err, rep.Detached, out.committed)
				}
			})
		})
	}
}

// TestARefusedV2WhoseCloseHangsDoesNotHoldUpTheEnd waits for Close at most v2.deadline.
func TestARefusedV2WhoseCloseHangsDoesNotHoldUpTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		few := processors.Capabilities{}
		j := countingJob(newInput(4), &output{}, &counting{}, &unclosed{gives: &few, close: func() { <-release }})
		start := time.Now()
		_, err := run(t, t.Context(), j)
		if err == nil || !strings.Contains(err.Error(), "cannot be compared") || time.Since(start) > j.Config.Candidate.Deadline {
			t.Errorf("after %v of the test's clock: %v", time.Since(start), err)
		}
	})
}
