package shadow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/announce"
	"parallax/shadow/candidate"
	"parallax/shadow/emission"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/opinion"
	"parallax/shadow/sampling"
	"parallax/shadow/sensitivity"
	"parallax/shadow/stage"
	"parallax/shadow/states"
)

// comparer pairs what the two paths made of each batch and hands the pairs to
// diff, on a goroutine of its own. The control's outcomes reach it when they have been
// emitted, the candidate's when they are done. A batch is compared once both are there, or
// once the candidate's will not come, so that its memory is soon free. It is counted in
// the ledger when the control's part of it has committed as well.
type comparer struct {
	differ *diff.Differ
	// fast is the differ, as it compares batches; second checks it.
	fast   comparison
	second *opinion.Second
	// sensitivity checks that a comparison like the differ detects differences.
	sensitivity *sensitivity.Check
	saidBlind   bool // that it missed one was logged
	// highest is the highest level that can be shown, otherRules are rules that hold from a later
	// batch on; mu guards those.
	highest    diff.Level
	otherRules []otherRules
	ledger     *ledger
	tally      *tally
	job        *Job
	sample     sampling.Keys
	done       chan struct{}
	// announcer says what is found while the run goes on.
	announcer announce.Announcer

	// emitter is told what is found of the batches of verified stages; substitution puts V2's rows
	// in the places of V1's. kept are compared batches that are not emitted yet; the comparison's
	// goroutine uses it.
	emitter      *emission.Emitter
	substitution emission.Substitution
	kept         []finishedPair
	// isFollowing: the last batch that was compared is of a verified stage.
	isFollowing bool

	// judging is held while a batch is compared, and while what was found is read: the
	// comparison's goroutine waits for a report, the control does not.
	judging sync.Mutex

	mu      sync.Mutex
	changed *sync.Cond
	// controls and candidates are the outcomes that wait to be compared.
	controls, candidates []finished
	holes                holes
	// last is why the candidate was last detached; nil if it was not.
	last    *candidate.Detachment
	reseeds int64
	closed  bool
	// ready counts the control's outcomes that are not compared yet, bytes what they hold with
	// their batches.
	ready int
	bytes int64
	// committed is the Seq of the last batch that has, judged what was compared and
	// has not, in order.
	committed int64
	judged    []booking
	// history is what became of the holes that are over.
	history history
	// probed counts the changed entries of states that were injected into their comparison.
	probed evidence.Mutation
	// broken is a failure of the comparison itself: the run's verdict is error.
	broken error
	// cutter cuts the run into spans, nil where they are not recorded; recorded are the spans
	// that have not committed.
	cutter   *cutter
	recorded []*evidence.Span
}

// finishedPair is a batch with the outcomes of both roles. The candidate has none in a hole.
type finishedPair struct {
	control, candidate finished
	// gone is the hole that the batch is in; nil if the candidate has an outcome.
	gone *hole
}

// comparison compares what two paths made of a batch, and says what it found.
type comparison interface {
	Compare(control, candidate *row.Outcome)
	Last() diff.Found
}

func newComparer(ctx context.Context, job *Job, l *ledger, t *tally, e *emission.Emitter, describe func(*evidence.Span, bool)) (*comparer, error) {
	strict := job.RequireLevel == diff.None || job.RequireLevel >= diff.E3 // dispositions are compared
	second, err := opinion.NewSecond(ctx, job.Sinks, strict, job.rowText())
	if err != nil {
		return nil, err
	}
	c := &comparer{
		ledger: l, tally: t, job: job, committed: -1, probed: states.NoProbe(), sample: sampling.Keys{Sampler: job.Sample}, done: make(chan struct{}),
	}
	c.emitter, c.substitution = e, emission.Substitution{Sinks: job.Sinks, Choice: emission.NewChoice(job.Salt)}
	c.cutter = newCutter(c, job, describe)
	c.highest = diff.E1
	c.compareBy(job.Rules)
	c.second = second
	if job.LogDivergences {
		c.announcer.Log = job.Log
	}
	c.changed = sync.NewCond(&c.mu)
	go func() {
		defer close(c.done)
		labelled(context.Background(), "diff", func(context.Context) { c.run() })
	}()
	return c, nil
}

// compareBy begins to compare by rules: nothing has been found by them.
func (c *comparer) compareBy(rules []diff.Rule) {
	job := c.job
	c.sensitivity = sensitivity.New(sensitivity.Options{Sinks: job.Sinks, Require: job.RequireLevel, Rules: rules, New: func() sensitivity.Comparison {
		return diff.New(job.Sinks, diff.Options{Require: job.RequireLevel, Rules: rules})
	}})
	c.differ = diff.New(job.Sinks, diff.Options{Require: job.RequireLevel, Rules: rules, PartitionOf: job.PartitionOf, Units: unitsOf(c.cutter), Redaction: job.Redaction})
	c.differ.LimitTo(c.highest)
	c.fast, c.saidBlind = c.differ, false
}

// otherRules are rules that hold from a batch on.
type otherRules struct {
	from  int64
	rules []diff.Rule
}

// setRules says that other rules hold from the batch of Seq seq on.
func (c *comparer) setRules(seq int64, rules []diff.Rule) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.otherRules = append(c.otherRules, otherRules{seq, rules})
}

// followRules begins to compare by the rules that hold from a batch on. Called with judging held.
func (c *comparer) followRules(seq int64) {
	c.mu.Lock()
	var now *otherRules
	for len(c.otherRules) > 0 && c.otherRules[0].from <= seq {
		now = &c.otherRules[0]
		c.otherRules = c.otherRules[1:]
	}
	c.mu.Unlock()
	if now == nil {
		return
	}
	c.cutter.close()
	c.compareBy(now.rules)
	c.cutter.beginAgain()
}

// takeControl takes an outcome of the control that was emitted, or is to be, in a verified stage.
func (c *comparer) takeControl(f finished) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.controls = append(c.controls, f)
	c.ready++
	c.bytes += f.bytes
	c.changed.Broadcast()
}

// commit says that the control's part of all batches up to that of Seq seq has committed.
func (c *comparer) commit(seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.committed = seq
	c.book()
	c.giveSpans()
}

// book books what was compared and has committed. Called with mu held.
func (c *comparer) book() {
	n := 0
	for n < len(c.judged) && c.judged[n].seq <= c.committed {
		c.ledger.book(c.judged[n])
		n++
	}
	c.judged = slices.Delete(c.judged, 0, n)
	c.job.Metrics.Booked(c.ledger.snapshot())
}

// judge takes the booking of a batch that was compared.
func (c *comparer) judge(e booking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.judged = append(c.judged, e)
	c.book()
}

// takeCandidate takes an outcome of the candidate.
func (c *comparer) takeCandidate(f finished) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.candidates = append(c.candidates, f)
	c.changed.Broadcast()
}

// detached says that there is no outcome of the candidate for batches from d.From on, until
// reattached.
func (c *comparer) detached(d candidate.Detachment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.holes.open(d) {
		c.last = &d
	}
	c.changed.Broadcast()
	if d.Kind != candidate.SwitchedOff {
		c.emitter.GoBack(stage.Detached, "V2 was detached: "+guard.FirstLine(d.Err))
	}
}

// switchedOff says that there is no candidate for batches from seq on, until reattached.
func (c *comparer) switchedOff(seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.holes.switchOff(seq)
	c.last = &d
	c.changed.Broadcast()
}

// reattached says that another candidate, with the control's state, processes batches from
// seq on.
func (c *comparer) reattached(seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holes.close(seq)
	c.changed.Broadcast()
}

// rescaled says that the candidate is another one from the batch of Seq seq on.
func (c *comparer) rescaled(seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holes.newcomers = append(c.holes.newcomers, newcomer{seq, fromCandidate})
}

// reseeded counts a candidate that came back.
func (c *comparer) reseeded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reseeds++
	c.holes.seal()
}

// reopen takes back a reattached: that candidate did not come.
func (c *comparer) reopen(seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holes.reopen(seq)
	c.changed.Broadcast()
}

// staysAway adds to why the candidate was detached that no other one will come.
func (c *comparer) staysAway(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holes.addReason(why)
	if c.last != nil {
		last := *c.last
		last.Err = &guard.Failure{Text: guard.FirstLine(last.Err) + "; " + why, Partition: guard.FailedPartition(last.Err)}
		c.last = &last
	}
}

// Backlog is how many of the control's outcomes are not compared yet.
func (c *comparer) Backlog() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// HeldBytes is what the control's outcomes that are not compared yet hold, in bytes.
func (c *comparer) HeldBytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// IsAtRest reports whether there is nothing that it is comparing or could compare.
func (c *comparer) IsAtRest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready == len(c.controls) && (len(c.controls) == 0 || len(c.candidates) == 0)
}

// WaitBelow waits until the backlog is below n. The candidate's deadline bounds the
// wait.
func (c *comparer) WaitBelow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ready >= n {
		c.changed.Wait()
	}
}

// emitted says that a batch of a verified stage was emitted.
func (c *comparer) emitted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed.Broadcast()
}

// waitIdle waits until all outcomes of the control are compared, but not for longer than a time, and
// returns how many are not.
func (c *comparer) waitIdle(most time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	isLate := false
	late := time.AfterFunc(most, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		isLate = true
		c.changed.Broadcast()
	})
	defer late.Stop()
	for c.ready > 0 && !isLate {
		c.changed.Wait()
	}
	return c.ready
}

// close compares what can still be compared and ends the goroutine.
func (c *comparer) close() {
	c.mu.Lock()
	c.closed = true
	c.changed.Broadcast()
	c.mu.Unlock()
	<-c.done
	c.judging.Lock()
	defer c.judging.Unlock()
	c.cutter.close()
}

// limitTo says that no level above one can hold.
func (c *comparer) limitTo(most diff.Level) {
	c.judging.Lock()
	defer c.judging.Unlock()
	c.highest = most
	c.differ.LimitTo(most)
}

func (c *comparer) run() {
	for {
		pair, ok := c.pair()
		if !ok {
			c.releaseKept(true)
			return
		}
		if pair.control.outcome == nil { // there is memory to be released
			c.releaseKept(false)
			continue
		}
		c.judging.Lock()
		c.follow(pair.control.parcel)
		err := guard.Redacted(c.compare(pair), c.job.errorText())
		c.decide(pair, err)
		if err == nil {
			c.release(pair)
		}
		c.judging.Unlock()
		if err != nil {
			c.job.Log.Error("the comparison failed", "error", err)
			c.fail(err)
		}
		c.mu.Lock()
		c.ready--
		c.bytes -= pair.control.bytes
		c.changed.Broadcast()
		c.mu.Unlock()
	}
}

// fail takes a failure of the tool itself, which makes the run's verdict an error. The
// first one is kept: it says where it began.
func (c *comparer) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = err
	}
}

// pair waits for the next batch that can be judged. Its hole is set where the candidate has no
// outcome for it. It returns no outcomes where a batch that is kept was emitted.
func (c *comparer) pair() (p finishedPair, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if len(c.controls) > 0 {
			seq := c.controls[0].outcome.Batch.Seq
			for _, o := range c.holes.before(seq) {
				c.history.add(o)
			}
			p.gone = c.holes.at(seq)
		}
		switch {
		case len(c.kept) > 0 && c.kept[0].control.parcel.IsEmitted():
			return finishedPair{}, true
		case len(c.controls) == 0:
			if c.closed {
				return p, false
			}
		case p.gone != nil:
			p.control = c.controls[0]
			c.controls = c.controls[1:]
			return p, true
		case len(c.candidates) > 0:
			p.control, p.candidate = c.controls[0], c.candidates[0]
			c.controls, c.candidates = c.controls[1:], c.candidates[1:]
			return p, true
		}
		c.changed.Wait()
	}
}

// release gives back the memory of a batch that is not read any more; one that is not emitted yet is
// kept until it is.
func (c *comparer) release(p finishedPair) {
	if p.control.parcel != nil && !p.control.parcel.IsEmitted() {
		c.kept = append(c.kept, p)
		return
	}
	p.control.outcome.Release()
	b, isSeen := p.control.outcome.Batch, true
	if p.gone == nil {
		if err := guard.Call(func() error { p.candidate.outcome.Release(); return nil }); err != nil { // it is the candidate's function
			c.differ.ArmError(b, candidateSide, -1, fmt.Errorf("releasing V2's outcome: %w", guard.Redacted(err, c.job.errorText())))
		}
	} else {
		// A candidate that was left behind may still look at what it was given.
		isSeen = b.Seq >= p.gone.Unseen
	}
	if isSeen && !c.job.Config.Candidate.Isolated { // which measures the paths on the latest batches
		b.Release()
	}
}

// releaseKept releases the kept batches that were emitted; all of them after the run, when
// nothing is emitted any more.
func (c *comparer) releaseKept(isOver bool) {
	c.judging.Lock()
	defer c.judging.Unlock()
	for len(c.kept) > 0 && c.kept[0].control.parcel.IsEmitted() {
		p := c.kept[0]
		c.kept = c.kept[1:]
		c.release(p)
	}
	if isOver {
		c.kept = nil
	}
}

// inspect looks again at a sampled batch whose outcomes have been compared: at its
// checksum, and at what the candidate says that it took of it.
func (c *comparer) inspect(b *row.Batch, f finished) {
	if f.sum == 0 {
		return
	}
	if err := candidate.CheckSum(b, f.sum); err != nil {
		c.differ.ArmError(b, candidateSide, -1, err)
		f.by.WroteToInput(err)
		return
	}
	if err := c.sample.Misstated(b, f.outcome); err != nil {
		c.differ.ArmError(b, candidateSide, -1, err)
	}
}

// compare judges one batch. A panic in it is the tool's own failure.
func (c *comparer) compare(p finishedPair) (err error) {
	b, gone := p.control.outcome.Batch, p.gone
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("compare %s: %w", b.Describe(), &guard.PanicError{Value: value, Stack: debug.Stack()})
		}
	}()
	c.followRules(b.Seq)
	c.cutter.begin(b, gone, gone == nil && c.hasNewcomer(b.Seq), p.control.stage())
	c.tally.addControl(p.control)
	c.sample.Look(b, p.candidate.outcome)
	if gone == nil {
		if p.candidate.outcome.Batch != b {
			return fmt.Errorf("%s is paired with V2's outcome of %s", b.Describe(), p.candidate.outcome.Batch.Describe())
		}
		if len(p.candidate.outcome.Dispositions) == 0 { // where the candidate gives none they are not compared
			p.candidate.outcome.Dispositions = p.control.outcome.Dispositions
		}
		c.newcomers(b.Seq)
		c.tally.addPair(p, &c.sample)
		c.cutter.pair(p, &c.sample)
		one := c.sample.Comparable(p.control.outcome, p.candidate.outcome)
		c.fast.Compare(one, p.candidate.outcome)
		found := c.fast.Last()
		err = c.second.On(one, p.candidate.outcome, opinion.Found{Equal: found.Equal, Divergences: found.Divergences, Visible: found.Visible})
		err = errors.Join(err, c.sensitivity.On(one, p.candidate.outcome, found))
		booked := compared(p.control.outcome, p.candidate.outcome, &c.sample)
		c.judge(booked)
		c.cutter.add(p.control, booked)
		c.inspect(b, p.candidate)
	} else {
		if gone.Kind == candidate.Failed && b.Seq == gone.Detachment.From {
			c.differ.ArmError(b, candidateSide, guard.FailedPartition(gone.Err), gone.Err)
		}
		if gone.Kind != candidate.SwitchedOff {
			c.differ.NotComparable(c.sample.Comparable(p.control.outcome, nil))
		}
		booked, missed := alone(p.control.outcome, gone.Detachment, &c.sample)
		gone.add(b, missed)
		c.judge(booked)
		c.cutter.add(p.control, booked)
		c.cutter.miss(b, missed)
		if gone.IsCensored(b) {
			c.tally.censor(b, gone.Given[b.Seq])
			c.cutter.censor(b, gone.Given[b.Seq])
		}
	}
	c.job.Metrics.Opinions(c.second.Count())
	c.showMutations()
	c.showFound()
	return err
}

// showFound shows what the differ has found so far, in the metrics and the log. Called with
// judging held.
func (c *comparer) showFound() {
	c.job.Metrics.Compared(c.differ.Counts())
	if list := c.differ.NewSignatures(); len(list) > 0 {
		c.announcer.Announce(time.Now(), list)
	}
}
