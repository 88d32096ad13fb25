package shadow_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/candidate"
)

// TestAV2ThatHoldsTooMuchIsShedAndComesBack: the heap grows with the first V2
// alone, and is small again when that has gone.
func TestAV2ThatHoldsTooMuchIsShedAndComesBack(t *testing.T) {
	for _, overload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		t.Run(string(overload), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.Memory, cfg.Candidate.OnOverload = 1<<20, overload
				p, in := trades(60)
				j, built := stateJob(p, in, cfg, 3, nil)
				begin := time.Now()
				j.Heap = func() int64 {
					const before = 100 << 20 // what there is without V2 does not count
					switch ran := time.Since(begin); {
					case built.Load() > 1 || ran < time.Second:
						return before
					case ran < 2950*time.Millisecond:
						return before + 2<<20 // V2 has half of it, which it may
					}
					return before + 3<<20
				}
				rep, err := run(t, t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				closed(t, rep.Ledger, 3000)
				// Batch n comes after (n+1)·100 ms, and V2 again a second after it was
				// shed.
				if len(rep.Holes) != 1 || rep.Reseeds != 1 || rep.Diff.Root != 0 {
					t.Fatalf("holes %+v, %d reseeds, %+v", rep.Holes, rep.Reseeds, rep.Diff.ByClass)
				}
				if h := rep.Holes[0]; !h.Shed || h.From != 29 || h.To != 39 || !strings.Contains(h.Reason, "v2.memory (1 MiB)") || rep.Ledger.Shed != h.Records {
					t.Errorf("hole %+v, ledger %+v", h, rep.Ledger)
				}
			})
		})
	}
}

// TestAV2ThatWasShedIsClosed at once, not when the run ends: it holds memory.
func TestAV2ThatWasShedIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(30)
		j, _ := stateJob(p, in, config(), 3, nil)
		var closings atomic.Int64
		make := j.Candidate
		j.Candidate = func() (processors.Processor, error) {
			inner, err := make()
			return &counted{inner.(*v2), &closings}, err
		}
		j.Config.Candidate.Memory = 1 << 20
		begin := time.Now()
		j.Heap = func() int64 { return int64(time.Since(begin)/time.Second) << 22 }
		var atDetach int64
		go func() {
			time.Sleep(1500 * time.Millisecond)
			atDetach = closings.Load()
		}()
		if _, err := run(t, t.Context(), j); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if atDetach != 1 {
			t.Errorf("%d V2s were closed half a second after it was shed, want 1", atDetach)
		}
	})
}

// counted counts its closings.
type counted struct {
	*v2
	closings *atomic.Int64
}

func (c *counted) Close() error {
	c.closings.Add(1)
	return c.v2.Close()
}

// TestUnderBlockV1WaitsForMemoryToo: a bounded run compares every record, also
// where few batches are all that v2.memory has room for.
func TestUnderBlockV1WaitsForMemoryToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.OnOverload, cfg.Candidate.Memory = candidate.Block, 40<<10 // a batch counts for some 15 KiB
		p, in := trades(30)
		in.pause = time.Millisecond
		j, _ := stateJob(p, in, cfg, 3, func(int) *v2 {
			return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				time.Sleep(20 * time.Millisecond)
				return o, nil
			}}
		})
		j.Heap = func() int64 { return 0 }
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if l := rep.Ledger; l.Shed+l.NotComparable+l.V2Error+l.Pending != 0 || l.Compared == 0 || rep.Detached != "" {
			t.Errorf("ledger %+v, detached %q", l, rep.Detached)
		}
	})
}

// TestWhatWaitsForAV2ThatIsBehindIsLess than what it may hold: it goes before its
// queue is full.
func TestWhatWaitsForAV2ThatIsBehindIsLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Memory, cfg.Candidate.Reseed, cfg.Candidate.Deadline = 400<<10, false, time.Minute // a batch counts for some 28 KiB
		p, in := trades(30)
		hung := make(chan struct{})
		j, _ := stateJob(p, in, cfg, 3, func(int) *v2 {
			return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				<-hung
				return o, nil
			}}
		})
		j.Heap = func() int64 { return 0 }
		rep, err := run(t, t.Context(), j)
		close(hung)
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Holes) != 1 || !rep.Holes[0].Shed || !strings.Contains(rep.Holes[0].Reason, "their part of v2.memory") {
			t.Errorf("holes %+v", rep.Holes)
		}
		closed(t, rep.Ledger, 1500)
	})
}
