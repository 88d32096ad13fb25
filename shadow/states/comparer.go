package states

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/pprof"
	"sync"
	"time"

	"parallax/diff"
	"parallax/processors/state"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
)

// Plan says how the states of a plan are compared.
type Plan struct {
	// Stages returns what is needed to compare each stage, by one goroutine.
	Stages func() ([]Stage, error)
	// Sample chooses what is compared; nil for all. It is called by any goroutine.
	Sample Sample
	// ErrorText returns what is shown of the text of an error that may contain any value; nil for
	// all of it.
	ErrorText func(text string) string
}

// Stored is a state of the control that was stored.
type Stored interface {
	// Digests has an element for each stage: the digest of the entries that are compared.
	Digests() []state.Digest
	// Entries returns those of a stage, to be read on any goroutine before Release.
	Entries(stage int) Entries
	// Release says that the entries will not be read any more. It is called once.
	Release()
}

// Listener takes what is found, on any goroutine.
type Listener interface {
	// Compared takes the counts so far, in order.
	Compared(c evidence.StateComparisons)
	// Differs takes a stage that differs after a batch, and the output of its query, "" for
	// none. It is a root unless the stage of the same candidate differed when it was compared
	// before.
	Differs(batch int64, topic string, isRoot bool, d diff.StateDifference)
	// Probed takes how many changed entries were injected into the comparison so far, and a
	// failure of that, which is a bug in Parallax.
	Probed(m evidence.Mutation, err error)
}

var (
	errBehind  = errors.New("V2 was behind by more than a checkpoint")
	errComing  = errors.New("V2 was still being given its state")
	errLate    = errors.New("comparing the last checkpoint took longer than V2's deadline")
	errNoStore = errors.New("V1's state was not stored")
)

// Comparer compares a candidate's states with the control's at checkpoints. Both are given at
// the same place of the input. It works on goroutines of its own: neither side waits.
type Comparer struct {
	plan     *Plan
	listener Listener
	log      *slog.Logger

	mu      sync.Mutex
	changed *sync.Cond
	count   evidence.StateComparisons
	// open are the comparisons that have not ended.
	open map[*Comparison]bool
	// differing are the stages that differed when they were last compared, each with the
	// candidate whose state it was: what differs again is no root.
	differing map[string]*candidate.Candidate
	// probed counts the changed entries that were injected.
	probed evidence.Mutation
}

// New returns a Comparer; where plan is nil it compares nothing.
func New(plan *Plan, listener Listener, log *slog.Logger) *Comparer {
	s := &Comparer{probed: NoProbe(), plan: plan, listener: listener, log: log, open: map[*Comparison]bool{}, differing: map[string]*candidate.Candidate{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Comparison is the comparison at one checkpoint.
type Comparison struct {
	all   *Comparer
	of    *candidate.Candidate
	batch int64 // the last one before the checkpoint
	// control has the control's position and clocks; its entries belong to the Keeper.
	control *state.Frozen
	stored  chan result[Stored]
	marked  chan result[*state.Frozen]
	// found are the stages that differ, before their keys are looked for. Guarded by all.mu.
	found []stageFound
	ended bool
	// kept is the control's state, to be released at the end. Guarded by all.mu.
	kept Stored
}

type result[T any] struct {
	value T
	err   error
}

// stageFound is a stage that differs.
type stageFound struct {
	topic string
	diff.StateDifference
}

// Begin begins the comparison of the control's state after a batch with the candidate's, which is
// marked at the same place. The caller calls HasStored with the stored state of the control. Begin
// returns nil if nothing is compared.
func (s *Comparer) Begin(of *candidate.Candidate, batch int64, control *state.Frozen, isLast bool) *Comparison {
	if s.plan == nil || of == nil {
		return nil
	}
	s.mu.Lock()
	behind := len(s.open) > 0 && !isLast
	s.mu.Unlock()
	switch {
	case behind:
		s.notCompared(errBehind)
		return nil
	case !isLast && of.IsComing():
		s.notCompared(errComing)
		return nil
	}
	c := &Comparison{
		all: s, of: of, batch: batch, control: &state.Frozen{Position: control.Position, Watermark: control.Watermark, Relays: control.Relays},
		stored: make(chan result[Stored], 1), marked: make(chan result[*state.Frozen], 1),
	}
	s.mu.Lock()
	s.open[c] = true
	s.mu.Unlock()
	of.Mark(func(f *state.Frozen, err error) { c.marked <- result[*state.Frozen]{f, err} })
	pprof.Do(context.Background(), pprof.Labels("path", "diff"), func(context.Context) {
		guard.Go(func() error { c.end(c.run()); return nil }, func(err error) {
			if err != nil { // reading its state panicked, or ended the goroutine
				of.FailedToList(err)
				c.giveUp(err)
			}
		})
	})
	return c
}

// HasStored takes the control's stored state, or the error of storing it. It is called once; c may be
// nil. The state is released when the comparison ends.
func (c *Comparison) HasStored(s Stored, err error) {
	if c == nil {
		Release(s)
		return
	}
	c.all.mu.Lock()
	ended := c.ended
	if !ended {
		c.kept = s
	}
	c.all.mu.Unlock()
	if ended {
		Release(s)
	}
	c.stored <- result[Stored]{s, err}
}

// Release releases a state, unless it is nil.
func Release(s Stored) {
	if s != nil {
		s.Release()
	}
}

// run compares. An error is why nothing was compared.
func (c *Comparison) run() error {
	stages, err := c.all.plan.Stages()
	if err != nil {
		return err
	}
	marked := <-c.marked
	if marked.err != nil {
		return marked.err
	}
	digests, err := Digests(marked.value, stages, c.all.plan.Sample)
	if err != nil {
		return err
	}
	c.all.probe(marked.value, stages)
	stored := <-c.stored
	if stored.err != nil {
		return fmt.Errorf("%w: %w", errNoStore, stored.err)
	}
	var found []stageFound
	if keys := DifferentClocks(c.control, marked.value, c.all.plan.Sample); len(keys) > 0 {
		found = append(found, stageFound{"", diff.StateDifference{Stage: ClocksName, Position: c.control.Position, Keys: keys}})
	}
	var at []int
	for i, d := range stored.value.Digests() {
		if !d.Equal(digests[i]) {
			at = append(at, i)
			found = append(found, stageFound{stages[i].Topic, diff.StateDifference{
				Stage: stages[i].Name, Position: c.control.Position, Why: "looking for them took longer than V2's deadline",
			}})
		}
	}
	c.all.mu.Lock()
	c.found = found
	c.all.mu.Unlock()
	clocks := len(found) - len(at)
	for n, i := range at {
		c.look(&found[clocks+n].StateDifference, i, &stages[i], stored.value, marked.value)
	}
	return nil
}

// probe checks the comparison of each stage with a changed entry. The entries are the
// candidate's: reading them may fail as reading its state may.
func (s *Comparer) probe(ofCandidate *state.Frozen, stages []Stage) {
	for i := range stages {
		found := NoProbe()
		err := Probe(firstEntries(ofCandidate, i, &stages[i], s.plan.Sample), &stages[i], &found)
		s.mu.Lock()
		s.probed.Injected += found.Injected
		s.probed.Detected += found.Detected
		if s.probed.Missed == "" {
			s.probed.Missed = found.Missed
		}
		s.listener.Probed(s.probed, err)
		s.mu.Unlock()
	}
}

// look looks for the keys of a stage that differ.
func (c *Comparison) look(d *diff.StateDifference, i int, stage *Stage, stored Stored, ofCandidate *state.Frozen) {
	if c.all.differs(d.Stage, c.of) {
		c.all.set(d, nil, 0, "the stage differed at the checkpoint before as well")
		return
	}
	keys, entries, err := FirstKeys(stored.Entries(i), func(visit func(state.Entry) error) error {
		for e := range ofCandidate.Stages[i] {
			if err := visit(e); err != nil {
				return err
			}
		}
		return nil
	}, stage, func(e state.Entry) bool { return keepsEntry(c.all.plan.Sample, i, e) })
	why := ""
	if err != nil {
		why = "V1's state could not be read: " + err.Error()
	}
	c.all.set(d, keys, entries, why)
}

func (s *Comparer) set(d *diff.StateDifference, keys []diff.StateKey, entries int64, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Keys, d.Entries, d.Why = keys, entries, why
}

// differs reports whether a stage of a candidate differed when it was last compared.
func (s *Comparer) differs(stage string, of *candidate.Candidate) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.differing[stage] == of
}

// end counts the comparison, once, and reports what was found.
func (c *Comparison) end(err error) {
	s := c.all
	s.mu.Lock()
	if c.ended {
		s.mu.Unlock()
		return
	}
	c.ended = true
	type report struct {
		stageFound
		isRoot bool
	}
	var reports []report
	switch {
	case err != nil:
		s.count.NotCompared++
		s.count.Why = guard.FirstLine(guard.Redacted(err, s.plan.ErrorText))
		s.log.Info("the states were not compared at a checkpoint", "position", c.control.Position, "why", s.count.Why)
	case len(c.found) == 0:
		s.count.Equal++
		s.differing = map[string]*candidate.Candidate{}
	default:
		s.count.Differing++
		before := s.differing
		s.differing = map[string]*candidate.Candidate{}
		for _, f := range c.found {
			reports = append(reports, report{f, before[f.Stage] != c.of})
			s.differing[f.Stage] = c.of
		}
	}
	s.listener.Compared(s.count)
	kept := c.kept
	s.mu.Unlock()
	Release(kept)
	for _, r := range reports {
		if r.Keys == nil {
			r.Keys = []diff.StateKey{}
		}
		s.listener.Differs(c.batch, r.topic, r.isRoot, r.StateDifference)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.changed.Broadcast()
}

// notCompared counts a checkpoint at which nothing is compared.
func (s *Comparer) notCompared(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count.NotCompared++
	s.count.Why = why.Error()
	s.listener.Compared(s.count)
}

// Wait waits until all comparisons have ended, at most for a time: a candidate's state may
// hang while it is read. Differences that were found by then are reported.
func (s *Comparer) Wait(most time.Duration) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.mu.Lock()
		defer s.mu.Unlock()
		for len(s.open) > 0 {
			s.changed.Wait()
		}
	}()
	select {
	case <-done:
		return
	case <-time.After(most):
	}
	s.mu.Lock()
	var late []*Comparison
	for c := range s.open {
		late = append(late, c)
	}
	s.mu.Unlock()
	for _, c := range late {
		c.giveUp(errLate)
	}
	<-done
}

// giveUp ends a comparison that cannot be completed. What it has found is reported.
func (c *Comparison) giveUp(err error) {
	c.all.mu.Lock()
	hasFound := len(c.found) > 0
	c.all.mu.Unlock()
	if hasFound {
		err = nil
	}
	c.end(err)
}

// Read returns what was compared so far.
func (s *Comparer) Read() evidence.StateComparisons {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}
