package candidate

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
)

var allStates = []State{Waiting, Seeding, CatchingUp, Running, Held, Draining, Closed, Detached, Ended}

// recorder keeps the errors of Parallax.
type recorder struct {
	compared
	broken []error
}

func (r *recorder) Broken(err error) { r.broken = append(r.broken, err) }

// Each pair of states is in one of the two lists below: what may follow, and what may not.
func TestATransitionThatTheTableDoesNotHaveIsAnErrorOfTheTool(t *testing.T) {
	may := map[string]bool{}
	for _, pair := range []string{
		"waiting seeding", "waiting detached",
		"seeding catching up", "seeding draining", "seeding closed", "seeding detached",
		"catching up running", "catching up draining", "catching up closed", "catching up detached",
		"running held", "running draining", "running closed", "running detached",
		"held running", "held detached",
		"draining closed", "draining detached",
		"detached ended",
	} {
		may[pair] = true
	}
	for _, from := range allStates {
		for _, to := range allStates {
			var r recorder
			c, _ := newCandidate(t.Context(), 0, from, Options{Listener: &r})
			c.mu.Lock()
			c.enter(to)
			c.mu.Unlock()
			pair := from.String() + " " + to.String()
			if may[pair] {
				if c.State() != to || len(r.broken) != 0 {
					t.Errorf("%s: the state is %s, errors %v", pair, c.State(), r.broken)
				}
				continue
			}
			if c.State() != from || len(r.broken) != 1 || !strings.Contains(r.broken[0].Error(), "cannot become "+to.String()+" while it is "+from.String()) {
				t.Errorf("%s: the state is %s, errors %v", pair, c.State(), r.broken)
			}
		}
	}
}

// A candidate gets from where it begins to its end, whatever comes between.
func TestEachStateIsReachedAndLeadsToAnEnd(t *testing.T) {
	reached := map[State]bool{Waiting: true, Running: true}
	for range allStates {
		for from, list := range transitions {
			for _, to := range list {
				reached[to] = reached[to] || reached[from]
			}
		}
	}
	for _, s := range allStates {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		switch {
		case s.isFinal():
			if s.canBecome(Running) || s.canBecome(Seeding) {
				t.Errorf("%s is final and leads on", s)
			}
		case !slices.Contains(transitions[s], Detached):
			t.Errorf("a candidate that is %s cannot be detached", s)
		}
	}
}

// stateCheck checks a candidate's state once everything is at rest.
type stateCheck struct{ t *testing.T }

func (s stateCheck) is(c *Candidate, want State) {
	s.t.Helper()
	synctest.Wait()
	if got := c.State(); got != want {
		s.t.Errorf("the state is %s, want %s", got, want)
	}
}

func TestTheLifeOfACandidateFromTheStart(t *testing.T) {
	withV2(t, &slowV2{takes: 20 * time.Millisecond}, nil, func(t *testing.T, c *Candidate) {
		s := stateCheck{t}
		s.is(c, Running)
		c.Hold()
		s.is(c, Held)
		c.Release()
		s.is(c, Running)
		c.Offer(batchOf(0, 1))
		drained := make(chan bool, 1)
		go func() { drained <- c.Drain() }()
		s.is(c, Draining)
		if !<-drained {
			t.Error("it was not drained")
		}
		s.is(c, Closed)
		c.Shed(errors.New("too late")) // which nobody hears
		s.is(c, Closed)
	})
}

// seededAs is a candidate that ends a hole: its processor comes when come is closed, or
// err does.
func seededAs(t *testing.T, with *compared, come chan struct{}, err error) *Candidate {
	t.Helper()
	return Return(t.Context(), 3, optionsOf(Default(), with), func() (processors.Processor, error) {
		<-come
		return &slowV2{takes: 20 * time.Millisecond}, err
	})
}

func TestTheLifeOfACandidateThatReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, come := stateCheck{t}, make(chan struct{})
		c := seededAs(t, &compared{t: t}, come, nil)
		s.is(c, Seeding)
		if c.Hold() {
			t.Error("a candidate without a state is held")
		}
		for i := range Default().Queue + 1 {
			c.Offer(batchOf(3+i, 1))
		}
		close(come)
		s.is(c, CatchingUp)
		time.Sleep(time.Second)
		s.is(c, CatchingUp) // until the next batch
		c.Offer(batchOf(50, 1))
		s.is(c, Running)
		c.Finish()
		s.is(c, Closed)
	})
}

func TestACandidateThatIsDrainedWhileItIsSeededFinishesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, come, with := stateCheck{t}, make(chan struct{}), &compared{t: t}
		c := seededAs(t, with, come, nil)
		c.Offer(batchOf(3, 1))
		drained := make(chan bool, 1)
		go func() { drained <- c.Drain() }()
		s.is(c, Seeding)
		close(come)
		s.is(c, Draining)
		if !<-drained || len(with.done) != 1 {
			t.Errorf("%d batches were finished", len(with.done))
		}
		s.is(c, Closed)
		c.Finish()
	})
}

func TestACandidateThatCannotBeSeededEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		come := make(chan struct{})
		c := seededAs(t, &compared{t: t}, come, errors.New("no"))
		close(come)
		s := stateCheck{t}
		s.is(c, Ended)
		if c.Drain() || c.Detachment() == nil || c.Detachment().From != 3 {
			t.Errorf("detachment %+v", c.Detachment())
		}
	})
}

// stubbornV2 does not end when its context does.
type stubbornV2 struct {
	slowV2
	end chan struct{}
}

func (p *stubbornV2) Close() error {
	<-p.end
	return nil
}

func TestADetachedCandidateEndsOnlyOnceNothingOfItRuns(t *testing.T) {
	p := &stubbornV2{}
	withV2(t, p, nil, func(t *testing.T, c *Candidate) {
		p.end = make(chan struct{}) // one of this test's own time
		s := stateCheck{t}
		c.Hold()
		c.Shed(errors.New("no CPU"))
		s.is(c, Detached)
		close(p.end)
		s.is(c, Ended)
	})
}

func TestACandidateThatTakesOverWaitsForTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, with := stateCheck{t}, &compared{t: t}
		opt := optionsOf(Default(), with)
		old := Start(t.Context(), &slowV2{takes: time.Second}, opt)
		old.Offer(batchOf(0, 1))
		var failed error
		next := func(processors.Processor) (processors.Processor, error) { return nil, errors.New("no room") }
		c := TakeOver(t.Context(), 1, old, opt, next, func(_, _ processors.Description, err error) { failed = err })
		c.Offer(batchOf(1, 1))
		s.is(old, Draining)
		s.is(c, Waiting)
		time.Sleep(time.Second)
		s.is(old, Closed)
		s.is(c, CatchingUp) // with the processor of old
		if failed == nil {
			t.Error("nobody was told")
		}
		c.Finish()
		s.is(c, Closed)
		if len(with.done) != 2 {
			t.Errorf("%d batches were finished", len(with.done))
		}
	})
}
