package processortest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/oracle"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Oracle is the variant with which the others are compared.
var Oracle = Variant{Name: "oracle", New: func(p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	o, err := oracle.New(p, opt)
	if err != nil {
		return nil, err
	}
	return o, nil
}}

// cuts are batch sizes that must give the same result; the last one is all records in one
// batch.
var cuts = []int{1, 3, all}

const all = 1 << 20

// Conform runs a processor over every golden file: in batches of one, three and all
// records, twice each; with all records in slices of several sizes; and, if it is a
// processors.Snapshotter, stopped in the middle and restored, through the bytes of its
// state, into itself and into each of the others. Rows, order, causes, dispositions, dead
// letters and counts must equal those of the file and of the oracle, and no batch may be
// modified. Where groups are distributed over partitions, rows of emit_scope='window' are
// compared at level E3: consecutive equal rows of an identity count once. A file with the
// option "run once" is run once, with all records in one batch.
func Conform(t *testing.T, v Variant, others ...Variant) {
	t.Helper()
	goldens, err := Goldens()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		t.Run(g.File, func(t *testing.T) {
			t.Parallel()
			conform(t, g, v, others)
		})
	}
}

// mostStops is how often a case is stopped and restored into each processor. With more batches
// the stops are spread evenly, and begin at another batch for each processor.
const mostStops = 6

func conform(t *testing.T, g *Golden, v Variant, others []Variant) {
	c, truth, err := known.of(g)
	if err != nil {
		t.Fatal(err)
	}
	try := func(from, to Variant, size, stop int) bool {
		t.Helper()
		how := fmt.Sprintf("%s, batches of %d", from.Name, size)
		if stop >= 0 {
			how += fmt.Sprintf(", stopped after %d batches and restored into %s", stop, to.Name)
		}
		got, err := c.run(from, to, size, stop)
		if err == nil {
			err = c.check(got, truth)
		}
		if err != nil {
			t.Errorf("%s: %s: %v", g.File, how, err)
		}
		return err == nil
	}
	if c.once {
		try(v, v, all, -1)
		return
	}
	for _, size := range cuts {
		for range 2 { // the same twice
			if !try(v, v, size, -1) {
				return
			}
		}
	}
	for _, size := range sliceSizes {
		sliced := v.InSlices(size)
		if c.longest() > size && !try(sliced, sliced, all, -1) {
			return
		}
	}
	p, err := v.New(c.plan, c.opt)
	if err != nil {
		t.Fatal(err)
	}
	_, restores := p.(processors.Snapshotter)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if !restores {
		return
	}
	for i, to := range append([]Variant{v}, others...) {
		batches := len(c.cut[1])
		every := max(1, (batches+mostStops-1)/mostStops)
		for stop := i % every; stop < batches; stop += every {
			if !try(v, to, 1, stop) {
				break
			}
		}
	}
}

// known caches the compiled golden files with the oracle's results, which are the same for
// each variant. Files with much input or output are not cached.
var known = truths{byFile: map[string]*truth{}}

type truths struct {
	mu     sync.Mutex
	byFile map[string]*truth
}

// truth is a golden file's case with the oracle's result.
type truth struct {
	c   *testCase
	out *result
}

// Limits of the output, in bytes, and of the records of a cached case.
const (
	mostKept        = 64 << 10
	mostKeptRecords = 1000
)

func (k *truths) of(g *Golden) (*testCase, *result, error) {
	k.mu.Lock()
	kept := k.byFile[g.File]
	k.mu.Unlock()
	if kept != nil {
		return kept.c, kept.out, nil
	}
	c, err := newCase(g)
	if err != nil {
		return nil, nil, err
	}
	out, err := c.run(Oracle, Oracle, all, -1)
	if err == nil && len(out.Output) <= mostKept && len(c.cut[1]) <= mostKeptRecords {
		k.mu.Lock()
		k.byFile[g.File] = &truth{c, out}
		k.mu.Unlock()
	}
	return c, out, err
}

// testCase is a compiled golden file. It is immutable except for the codecs.
type testCase struct {
	*Golden
	plan  *plan.Plan
	opt   processors.Options
	flush bool
	lines string
	// cut are the batches by their size; all runs share them.
	cut map[int][]*row.Batch
	// scoped: a query has emit_scope='window'.
	scoped bool
	// codecs are *[]state.Codec that no run uses.
	codecs sync.Pool
}

// stored takes a snapshot through bytes.
func (c *testCase) stored(s *state.Snapshot) (*state.Snapshot, error) {
	codecs, ok := c.codecs.Get().(*[]state.Codec)
	if !ok {
		list, err := exec.Codecs(c.plan)
		if err != nil {
			return nil, err
		}
		codecs = &list
	}
	defer c.codecs.Put(codecs)
	return Stored(*codecs, s)
}

func newCase(g *Golden) (*testCase, error) {
	c, err := compileCase(g)
	if err != nil {
		return nil, err
	}
	c.cut = map[int][]*row.Batch{}
	for _, size := range cuts {
		if c.cut[size], err = ReadBatches(c.plan, c.lines, size, c.flush); err != nil {
			return nil, fmt.Errorf("%s: %w", g.File, err)
		}
	}
	return c, nil
}

// compileCase is newCase without the batches.
func compileCase(g *Golden) (*testCase, error) {
	c := &testCase{Golden: g}
	var err error
	if c.opt, c.flush, err = g.settings(); err != nil {
		return nil, err
	}
	if c.plan, err = g.Plan(); err != nil {
		return nil, err
	}
	if c.lines, err = Lines(g.Input); err != nil {
		return nil, fmt.Errorf("%s: %w", g.File, err)
	}
	for _, q := range c.plan.Queries {
		c.scoped = c.scoped || q.Sink.WindowScope
	}
	return c, nil
}

// longest is how many records the longest batch has.
func (c *testCase) longest() (n int) {
	for _, b := range c.cut[all] {
		n = max(n, b.Len())
	}
	return n
}

// result is the result of a run, as text and in numbers.
type result struct {
	Transcript
	total *Total
	// whole: no part of it depends on groups that are distributed over partitions.
	whole bool
}

// run processes the input with a variant. If stop >= 0, the state is moved after that many
// batches into a new processor of another variant.
func (c *testCase) run(from, to Variant, size, stop int) (*result, error) {
	p, err := from.New(c.plan, c.opt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.Close() }() // p changes on the way
	r := &result{total: &Total{}, whole: from.whole() && to.whole()}
	var outcomes []*row.Outcome
	for i, b := range c.cut[size] {
		if i == stop {
			next, err := c.move(p, to)
			if err != nil {
				return nil, err
			}
			p = next
		}
		o, err := step(p, b)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
		r.total.Add(o)
	}
	r.Transcript, err = Transcribe(c.plan, outcomes)
	return r, err
}

// move restores a processor's state, as bytes, in a new one and closes the old one.
func (c *testCase) move(p processors.Processor, to Variant) (processors.Processor, error) {
	old, ok := p.(processors.Snapshotter)
	if !ok {
		return nil, fmt.Errorf("%s cannot be snapshotted", p.Describe().Name)
	}
	snapshot, err := old.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if err := p.Close(); err != nil {
		return nil, fmt.Errorf("close: %w", err)
	}
	if snapshot, err = c.stored(snapshot); err != nil {
		return nil, err
	}
	next, err := to.New(c.plan, c.opt)
	if err != nil {
		return nil, err
	}
	into, ok := next.(processors.Snapshotter)
	if !ok {
		return nil, fmt.Errorf("%s cannot be restored", to.Name)
	}
	if err := into.Restore(snapshot); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return next, nil
}

// step processes one batch and checks the contract of every processor: it does not modify
// the batch, returns a disposition for each record, and emits in order.
func step(p processors.Processor, b *row.Batch) (*row.Outcome, error) {
	before := b.Checksum()
	o, err := p.Process(context.Background(), b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("batch %d (%s): %w", b.Seq, b.Offsets(), err)
	case b.Checksum() != before:
		return nil, fmt.Errorf("batch %d (%s) was written to", b.Seq, b.Offsets())
	case o.Batch != b:
		return nil, fmt.Errorf("batch %d (%s): the outcome is of another batch", b.Seq, b.Offsets())
	case len(o.Dispositions) != b.Len():
		return nil, fmt.Errorf("batch %d (%s): %d dispositions for %d records", b.Seq, b.Offsets(), len(o.Dispositions), b.Len())
	case o.Deduplicated != 0 || o.Reordered != 0:
		return nil, fmt.Errorf("batch %d (%s): merge dropped %d rows and moved %d", b.Seq, b.Offsets(), o.Deduplicated, o.Reordered)
	}
	for i, d := range o.Dispositions {
		if undecodable := b.Record(i).State == row.Undecodable; undecodable != (d == row.DispositionNone) {
			return nil, fmt.Errorf("%s has disposition %s", place(b.Record(i)), d)
		}
	}
	for i := range o.Changes {
		c := &o.Changes[i]
		if b.Flush() && c.Cause != -1 || !b.Flush() && (c.Cause < 0 || int(c.Cause) >= b.Len() || c.Position != b.First+int64(c.Cause)) {
			return nil, fmt.Errorf("batch %d (%s): %s has cause %d", b.Seq, b.Offsets(), Show(c), c.Cause)
		}
	}
	for i := 1; i < len(o.Changes); i++ {
		if x, y := &o.Changes[i-1], &o.Changes[i]; row.CompareOrder(x, y) >= 0 {
			return nil, fmt.Errorf("batch %d (%s): %s stands before %s", b.Seq, b.Offsets(), Show(x), Show(y))
		}
	}
	return o, nil
}

// check compares a run with the file, and its counts with the oracle's.
func (c *testCase) check(got, truth *result) error {
	if err := c.checkSections(got); err != nil {
		return err
	}
	return sameCounts(got.total, truth.total, c.scoped && !got.whole)
}

func (c *testCase) checkSections(got *result) error {
	want, out := c.Output, got.Output
	if c.scoped && !got.whole {
		var err error
		if want, err = Collapse(want); err != nil {
			return err
		}
		if out, err = Collapse(out); err != nil {
			return err
		}
	}
	sections := []struct{ name, want, got string }{
		{sectionOutput, want, out},
		{sectionUndecodable, c.Undecodable, got.Undecodable},
		{sectionDispositions, c.Dispositions, got.Dispositions},
		{sectionDeadLetters, c.DeadLetters, got.DeadLetters},
	}
	for _, s := range sections {
		if s.name == sectionDispositions && !c.hasDispositions {
			continue
		}
		if d := DiffLines(s.want, s.got); d != "" {
			return fmt.Errorf("%s (- wanted, + came):\n%s", s.name, d)
		}
	}
	return nil
}

// sameCounts compares the counts of two runs. With emit_scope='window' a partitioned path
// evaluates fewer expressions.
func sameCounts(got, want *Total, scoped bool) error {
	for _, n := range []struct {
		what      string
		got, want int64
		skip      bool
	}{
		{"expression errors", got.ExpressionErrors, want.ExpressionErrors, scoped},
		{"late", got.Late, want.Late, false},
		{"closed windows", got.Closed, want.Closed, false},
		{"raw rows", got.Raw, want.Raw, scoped},
	} {
		if n.got != n.want && !n.skip {
			return fmt.Errorf("%d %s, the oracle counts %d", n.got, n.what, n.want)
		}
	}
	for i := range min(len(got.Dispositions), len(want.Dispositions)) {
		if got.Dispositions[i] != want.Dispositions[i] {
			return fmt.Errorf("record %d has disposition %s, the oracle says %s", i, got.Dispositions[i], want.Dispositions[i])
		}
	}
	return nil
}
