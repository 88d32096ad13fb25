package exec

import (
	"fmt"
	"iter"
	"slices"
	"sort"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Options are the settings of a job that change what happens to a record.
type Options struct {
	// ErrorsToDeadLetter is the setting on_error: dlq, LateToDeadLetter late: dlq.
	ErrorsToDeadLetter bool
	LateToDeadLetter   bool
}

// Engine runs one query over its share of the records and holds the state of that share.
// It is deterministic, and not safe for concurrent use.
type Engine struct {
	source   int32
	other    int32 // of a join's other side, else source: -1 is no source at all
	op       operator
	byChunk  byChunk   // op, if it is that
	byRecord byRecord  // op else
	deferred deferring // op, if it is that
	expires  expiring  // op, if it is that
	// scratch
	mine   []int32
	hashes []uint64
}

// Result is the output of an engine for a batch. Run appends to it.
type Result struct {
	// Changes are in row.CompareOrder.
	Changes []row.Change
	// Dispositions has an element for each record of the batch. An engine writes only
	// those of its own records, so engines with different shares can write to one slice.
	Dispositions []row.Disposition
	DeadLetters  []row.DeadLetter
	// ExpressionErrors, Late and ClosedWindows are counted as in row.Outcome.
	ExpressionErrors, Late, ClosedWindows int64
	// Done interrupts the engine when it is closed. A nil channel never does.
	Done <-chan struct{}

	values slab // of the changes
}

// Reset prepares the result for another batch, whose records get the given dispositions.
// Nothing interrupts that batch unless Done is set again. The memory of the old changes
// and their values is reused: nothing may refer to them any more.
func (r *Result) Reset(dispositions []row.Disposition) {
	r.values.reset()
	*r = Result{Changes: r.Changes[:0], Dispositions: dispositions, values: r.values}
}

// change appends a change, of which every field is the caller's to write: it may
// have been another's.
func (r *Result) change() *row.Change {
	n := len(r.Changes)
	if n == cap(r.Changes) {
		r.Changes = slices.Grow(r.Changes, max(32, n))
	}
	r.Changes = r.Changes[:n+1]
	return &r.Changes[n]
}

// operator is the part of an engine that processes records, such as a projection, an aggregation or
// OVER. It is also either a byRecord or a byChunk.
//
// advance moves its time to the watermark before record i of the batch (-1: the flush). nextClose
// returns the smallest watermark at which advance has an effect. All append to out.
type operator interface {
	begin(b *row.Batch, out *Result)
	nextClose() int64
	advance(i int, position, watermark int64)
	snapshot() []state.Entry
	restore([]state.Entry)
	// codec returns the codec of the entries that snapshot lists. The codec uses the operator,
	// which must not run a query then.
	codec(q *plan.Query) state.Codec
	keys() int64
}

// byRecord is an operator that takes one record at a time: act gives it record i,
// and the hash of its split key, where that is known.
type byRecord interface {
	act(i int, position int64, hash uint64, hashed bool) row.Disposition
}

// byChunk is an operator that processes many records at once. run gets the records at the indexes of
// a list, and the hashes of their split keys, if these are known. It processes the records before the
// next one at which time has an effect, but at least one, sets their dispositions, and returns their
// number.
type byChunk interface {
	run(list []int32, hashes []uint64) (taken int)
}

// deferring is an operator that makes its rows when it has taken a batch.
type deferring interface{ end() }

// expiring is an operator that remembers rows in windows: expire drops what it
// remembers of those that end at or before a time, of which no more come. Nothing
// that it emits depends on that.
type expiring interface{ expire(settled int64) }

// never is the nextClose of an operator that time does nothing to.
const never = row.FinalWatermark

// New compiles a query.
func New(q *plan.Query, opt Options) (*Engine, error) {
	e := &Engine{source: int32(q.Source), other: int32(q.Source)}
	if len(q.Joins) > 0 {
		e.other = int32(q.Joins[0].Source)
	}
	var err error
	if e.op, err = compile(q, opt); err != nil {
		return nil, err
	}
	e.byChunk, _ = e.op.(byChunk)
	e.byRecord, _ = e.op.(byRecord)
	e.deferred, _ = e.op.(deferring)
	e.expires, _ = e.op.(expiring)
	return e, nil
}

// compile makes the operator of a query.
func compile(q *plan.Query, opt Options) (op operator, err error) {
	q = expression.ComputedOnce(q)
	switch {
	case len(q.Joins) > 0 && q.Joins[0].Within == nil:
		op, err = newTableJoin(q, opt)
	case len(q.Joins) > 0:
		op, err = newJoin(q, opt)
	case q.Limit != nil:
		op, err = newLimit(q)
	case q.Aggregation != nil:
		op, err = grouping(q, opt)
	case q.Distinct:
		op, err = newDistinct(q, opt)
	case q.Over != nil:
		op, err = newOver(q, opt)
	case len(q.Explode) > 0:
		op, err = newExplode(q, opt)
	case q.Retain != nil && q.Retain.Changes:
		op, err = newReplaced(q, opt)
	case q.Retain != nil:
		op, err = newCurrent(q, opt)
	default:
		op, err = newProjection(q, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", q.Sink.Name, err)
	}
	return op, nil
}

// grouping compiles an aggregation: of which kind, its windows say.
func grouping(q *plan.Query, opt Options) (operator, error) {
	if q.Aggregation.Undo != nil {
		return newRegroup(q, opt)
	}
	if w := q.Aggregation.Window; w != nil {
		switch w.Kind {
		case plan.Hopping:
			return newHopping(q, opt)
		case plan.Session:
			return newSession(q, opt)
		}
	}
	return newAggregation(q, opt)
}

// interrupted reports whether the engine is to stop where it is.
func (r *Result) interrupted() bool {
	select {
	case <-r.Done:
		return true
	default:
		return false
	}
}

// Run processes the engine's records of a batch: those at the indexes in mine, ascending. hashes[k]
// is row.Hash of the split key of record mine[k]; hashes is nil if they are unknown. It ignores records of other sources and undecodable ones, but the watermarks
// of all records count: for each record, time advances first, then the record is
// processed.
//
// Run reports whether it processed the whole batch. It did not if out.Done was closed
// before the end: then neither the result nor the engine's state can be used.
func (e *Engine) Run(b *row.Batch, mine []int32, hashes []uint64, out *Result) (whole bool) {
	for k, i := range mine {
		if !e.takes(b, i) {
			mine, hashes = e.own(b, mine, hashes, k)
			break
		}
	}
	return e.run(b, mine, hashes, out)
}

// RunAll is Run with all records of the batch as the engine's own.
func (e *Engine) RunAll(b *row.Batch, out *Result) (whole bool) {
	e.mine = e.mine[:0]
	for i := range int32(b.Len()) {
		if e.takes(b, i) {
			e.mine = append(e.mine, i)
		}
	}
	return e.run(b, e.mine, nil, out)
}

// takes reports whether a record is of the engine's source, or either one of a join,
// and decoded.
func (e *Engine) takes(b *row.Batch, i int32) bool {
	r := b.Record(int(i))
	return (r.Source == e.source || r.Source == e.other) && r.State != row.Undecodable
}

// own copies what the engine takes of a list, of which it takes the first n.
func (e *Engine) own(b *row.Batch, list []int32, hashes []uint64, n int) ([]int32, []uint64) {
	e.mine, e.hashes = append(e.mine[:0], list[:n]...), e.hashes[:0]
	if hashes != nil {
		e.hashes = append(e.hashes, hashes[:n]...)
	}
	for k := n; k < len(list); k++ {
		if !e.takes(b, list[k]) {
			continue
		}
		e.mine = append(e.mine, list[k])
		if hashes != nil {
			e.hashes = append(e.hashes, hashes[k])
		}
	}
	if hashes == nil {
		return e.mine, nil
	}
	return e.mine, e.hashes
}

// patience is how many records act one by one between two looks at Result.Done. A
// record in many windows takes milliseconds, and a look some nanoseconds.
const patience = 16

func (e *Engine) run(b *row.Batch, mine []int32, hashes []uint64, out *Result) (whole bool) {
	e.op.begin(b, out)
	walked := 0
	for steps := 0; len(mine) > 0; steps++ {
		if (e.byChunk != nil || steps%patience == 0) && out.interrupted() {
			return false
		}
		// Time passes up to the next record. Then that acts, and those behind it
		// that do before time does something again.
		if !e.walk(b, walked, int(mine[0])+1, out) {
			return false
		}
		var taken int
		if e.byChunk != nil {
			taken = e.byChunk.run(mine, hashes)
		} else {
			taken = e.actOne(b, mine, hashes, out)
		}
		walked = int(mine[taken-1]) + 1
		mine = mine[taken:]
		if hashes != nil {
			hashes = hashes[taken:]
		}
	}
	return e.finish(b, walked, out)
}

func (e *Engine) actOne(b *row.Batch, mine []int32, hashes []uint64, out *Result) (taken int) {
	i := int(mine[0])
	var hash uint64
	if hashes != nil {
		hash = hashes[0]
	}
	if d := e.byRecord.act(i, b.First+int64(i), hash, hashes != nil); d > out.Dispositions[i] {
		out.Dispositions[i] = d
	}
	return 1
}

func (e *Engine) finish(b *row.Batch, walked int, out *Result) (whole bool) {
	if !e.walk(b, walked, b.Len(), out) {
		return false
	}
	if b.Flush() {
		e.op.advance(-1, b.First+int64(b.Len()), row.FinalWatermark)
	}
	if e.deferred != nil {
		e.deferred.end()
	}
	if e.expires != nil {
		e.expires.expire(b.Settled())
	}
	return true
}

// walk lets time pass over records [from, to). Watermarks never go back, so
// the next one that matters is found by halving. It is false where it was interrupted.
func (e *Engine) walk(b *row.Batch, from, to int, out *Result) bool {
	for from < to {
		due := e.op.nextClose()
		if due == never || b.Record(to-1).Watermark < due {
			return true
		}
		if out.interrupted() {
			return false
		}
		i := from + sort.Search(to-from, func(j int) bool { return b.Record(from+j).Watermark >= due })
		e.op.advance(i, b.First+int64(i), b.Record(i).Watermark)
		from = i
	}
	return true
}

// Keys returns the number of groups that the engine holds.
func (e *Engine) Keys() int64 { return e.op.keys() }

// Snapshot copies the engine's state.
func (e *Engine) Snapshot() []state.Entry { return e.op.snapshot() }

// freezer is an operator that can fix its state in much less time than it takes to
// copy it.
type freezer interface{ freeze() iter.Seq[state.Entry] }

// Freeze fixes the engine's state. The entries can be ranged over on any goroutine, one at a
// time, while the engine continues.
func (e *Engine) Freeze() iter.Seq[state.Entry] {
	if f, ok := e.op.(freezer); ok {
		return f.freeze()
	}
	return slices.Values(e.op.snapshot())
}

// Restore replaces the engine's state by copies of entries. It needs no watermark: each
// record carries its own.
func (e *Engine) Restore(entries []state.Entry) { e.op.restore(entries) }

// NewStage compiles a stage of a plan. A stage that follows others refuses no records:
// the settings on_error and late: dlq apply to stages that take the topics' records.
func NewStage(q *plan.Query, opt Options) (*Engine, error) {
	if q.Inputs != nil {
		opt = Options{}
	}
	return New(q, opt)
}
