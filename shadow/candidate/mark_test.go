package candidate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/processors/state"
)

// frozenV2 is a slowV2 whose state is the position after its last batch.
type frozenV2 struct {
	slowV2
	position int64
	// freeze is called before the state is given; nil is nothing.
	freeze func()
}

func (p *frozenV2) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o, err := p.slowV2.Process(ctx, b)
	p.position = b.First + int64(b.Len())
	return o, err
}

func (p *frozenV2) Freeze() (*state.Frozen, error) {
	if p.freeze != nil {
		p.freeze()
	}
	return &state.Frozen{Position: p.position}, nil
}

// pipelined is a frozenV2 that takes several batches before it gives an outcome.
type pipelined struct {
	frozenV2
	in chan *row.Batch
}

func (p *pipelined) Submit(_ context.Context, b *row.Batch) error {
	p.in <- b
	return nil
}

func (p *pipelined) Next(ctx context.Context) (*row.Outcome, error) {
	return p.Process(ctx, <-p.in)
}

// answers are what marks were answered.
type answers struct {
	positions []int64
	errs      []error
}

func (a *answers) take(f *state.Frozen, err error) {
	if err != nil {
		a.errs = append(a.errs, err)
		return
	}
	a.positions = append(a.positions, f.Position)
}

// TestAMarkIsAnsweredWithTheStateBetweenItsBatches: those offered before are in it, those
// offered after are not, and the candidate goes on with them.
func TestAMarkIsAnsweredWithTheStateBetweenItsBatches(t *testing.T) {
	own := frozenV2{slowV2: slowV2{takes: 20 * time.Millisecond}}
	for name, v2 := range map[string]processors.Processor{
		"one at a time": &frozenV2{slowV2: own.slowV2},
		"several":       &pipelined{own, make(chan *row.Batch, 100)},
	} {
		t.Run(name, func(t *testing.T) {
			var got answers
			withV2(t, v2, nil, func(t *testing.T, c *Candidate) {
				c.Mark(got.take)
				for i := range 6 {
					c.Offer(batchOf(i, 10))
					if i == 1 || i == 3 {
						c.Mark(got.take)
					}
				}
				c.Mark(got.take)
			})
			if len(got.errs) > 0 || len(got.positions) != 4 || got.positions[0] != 0 || got.positions[1] != 20 || got.positions[2] != 40 || got.positions[3] != 60 {
				t.Errorf("the states are of positions %v, errors %v, want 0, 20, 40 and 60", got.positions, got.errs)
			}
		})
	}
}

// TestAV2ThatDoesNotFreezeIsDetached: the control, which offers, waits for nothing of it.
func TestAV2ThatDoesNotFreezeIsDetached(t *testing.T) {
	release := make(chan struct{})
	for name, c := range map[string]struct {
		freeze func()
		want   string
	}{
		"it hangs":  {func() { <-release }, "no progress"},
		"it panics": {func() { panic("oops") }, "oops"},
	} {
		t.Run(name, func(t *testing.T) {
			var got answers
			withV2(t, &frozenV2{freeze: c.freeze}, nil, func(t *testing.T, v2 *Candidate) {
				release = make(chan struct{})
				v2.Offer(batchOf(0, 1))
				v2.Mark(got.take)
				v2.Mark(got.take)
				synctest.Wait()
				begun := time.Now()
				v2.Offer(batchOf(1, 1))
				v2.Offer(batchOf(2, 1))
				if waited := time.Since(begun); waited != 0 {
					t.Errorf("the control waited for %v", waited)
				}
				time.Sleep(2 * v2.cfg.Deadline)
				left := v2.Detachment()
				if left == nil || left.Kind != Failed || !strings.Contains(left.Err.Error(), c.want) {
					t.Errorf("the detachment is %+v, want %s", left, c.want)
				}
				close(release)
			})
			if len(got.positions) != 0 || len(got.errs) != 2 || !errors.Is(got.errs[0], ErrNotThere) {
				t.Errorf("answers %v, errors %v", got.positions, got.errs)
			}
		})
	}
}

func TestWhatIsNotThereHasNoState(t *testing.T) {
	for _, s := range []State{Closed, Detached, Ended} {
		var got answers
		c, _ := newCandidate(t.Context(), 0, s, Options{Listener: &recorder{}})
		c.Mark(got.take)
		if len(got.errs) != 1 || !errors.Is(got.errs[0], ErrNotThere) {
			t.Errorf("%s: answers %v, errors %v", s, got.positions, got.errs)
		}
	}
}

func TestAV2ThatFreezesIsNotAtRest(t *testing.T) {
	v2 := &frozenV2{freeze: func() { time.Sleep(20 * time.Millisecond) }}
	withV2(t, v2, nil, func(t *testing.T, c *Candidate) {
		var got answers
		c.Mark(got.take)
		synctest.Wait()
		if !c.Hold() || c.AtRest() {
			t.Error("it is at rest while it freezes")
		}
		time.Sleep(30 * time.Millisecond)
		if !c.AtRest() || len(got.positions) != 1 {
			t.Errorf("it is not at rest after that, answers %v", got.positions)
		}
	})
}

// TestAMarkWaitsForAV2ThatIsComing: also where it gets no more batches by then.
func TestAMarkWaitsForAV2ThatIsComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got answers
		come := make(chan struct{})
		c := Resume(t.Context(), 0, optionsOf(Default(), &compared{t: t}), func() (processors.Processor, error) {
			<-come
			return &frozenV2{}, nil
		})
		c.Offer(batchOf(0, 10))
		c.Mark(got.take)
		drained := make(chan bool)
		go func() { drained <- c.Drain() }()
		synctest.Wait()
		close(come)
		if !<-drained || len(got.positions) != 1 || got.positions[0] != 10 {
			t.Errorf("answers %v, errors %v, want position 10", got.positions, got.errs)
		}
		c.Finish()
	})
}
