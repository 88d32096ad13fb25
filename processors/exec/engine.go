package exec

import (
	"fmt"
	"sort"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Options are the job's wishes that change what happens to a record.
type Options struct {
	// ErrorsToDeadLetter is on_error: dlq, LateToDeadLetter late: dlq.
	ErrorsToDeadLetter bool
	LateToDeadLetter   bool
}

// Engine runs one query over its share of the records, and keeps that share's
// state. It is deterministic, and not safe for concurrent use.
type Engine struct {
	source int32
	op     operator
	opt    Options
}

// Result is what an engine made of a batch. Run appends to it.
type Result struct {
	// Changes are in row.CompareOrder.
	Changes []row.Change
	// Dispositions has an element for each record of the batch; an engine writes
	// those of its own records, so engines with different shares can share it.
	Dispositions []row.Disposition
	DeadLetters  []row.DeadLetter
	// ExpressionErrors, Late and ClosedWindows count as in row.Outcome.
	ExpressionErrors, Late, ClosedWindows int64

	values slab // of the changes
}

// Reset empties the result for another batch, whose records get the given
// dispositions. The memory of its changes and their values is used again: nobody
// may hold on to them.
func (r *Result) Reset(dispositions []row.Disposition) {
	r.values.used = 0
	*r = Result{Changes: r.Changes[:0], Dispositions: dispositions, values: r.values}
}

// operator is what an engine runs: a projection, OVER or an aggregation.
//
// advance tells it that time stands at a watermark since record i of the batch
// (-1: the flush); act gives it record i, and the hash of its split key, where
// that is known. Both append to out. nextClose is the smallest watermark at which
// advance would do something.
type operator interface {
	begin(b *row.Batch, out *Result)
	nextClose() int64
	advance(i int, position, watermark int64)
	act(i int, position int64, hash uint64, hashed bool) row.Disposition
	snapshot() []state.Entry
	restore([]state.Entry)
	keys() int64
}

// never is the nextClose of an operator that time does nothing to.
const never = row.FinalWatermark

// New compiles a query.
func New(q *plan.Query, opt Options) (*Engine, error) {
	e := &Engine{source: int32(q.Source), opt: opt}
	q = computedOnce(q)
	var err error
	switch {
	case q.Aggregation != nil:
		e.op, err = newAggregation(q, opt)
	case q.Over != nil:
		e.op, err = newOver(q, opt)
	default:
		e.op, err = newProjection(q, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", q.Sink.Name, err)
	}
	return e, nil
}

// Run takes a batch of which the engine's records are those at indexes mine,
// ascending; hashes[k] is row.Hash of the split key of record mine[k], nil where
// it is not known. Records of other sources and undecodable ones are passed over,
// but every record's watermark counts, whoever's it is: first time advances, then
// the record acts.
func (e *Engine) Run(b *row.Batch, mine []int32, hashes []uint64, out *Result) {
	e.op.begin(b, out)
	walked := 0
	if hashes != nil {
		for k, i := range mine {
			walked = e.take(b, int(i), walked, hashes[k], true, out)
		}
	} else {
		for _, i := range mine {
			walked = e.take(b, int(i), walked, 0, false, out)
		}
	}
	e.finish(b, walked)
}

// RunAll takes a batch of which all records are the engine's.
func (e *Engine) RunAll(b *row.Batch, out *Result) {
	e.op.begin(b, out)
	walked := 0
	for i := range b.Len() {
		walked = e.take(b, i, walked, 0, false, out)
	}
	e.finish(b, walked)
}

// take lets record i act, if it is this engine's to take, and returns up to
// where time has been walked.
func (e *Engine) take(b *row.Batch, i, walked int, hash uint64, hashed bool, out *Result) int {
	r := b.Record(i)
	if r.Source != e.source || r.State == row.Undecodable {
		return walked
	}
	e.walk(b, walked, i+1)
	if d := e.op.act(i, b.First+int64(i), hash, hashed); d > out.Dispositions[i] {
		out.Dispositions[i] = d
	}
	return i + 1
}

func (e *Engine) finish(b *row.Batch, walked int) {
	if b.Flush() {
		e.op.advance(-1, b.First, row.FinalWatermark)
		return
	}
	e.walk(b, walked, b.Len())
}

// walk lets time pass over records [from, to). Watermarks never go back, so
// the next one that matters is found by halving.
func (e *Engine) walk(b *row.Batch, from, to int) {
	for from < to {
		due := e.op.nextClose()
		if due == never || b.Record(to-1).Watermark < due {
			return
		}
		i := from + sort.Search(to-from, func(j int) bool { return b.Record(from+j).Watermark >= due })
		e.op.advance(i, b.First+int64(i), b.Record(i).Watermark)
		from = i
	}
}

// Keys returns how many groups the engine holds.
func (e *Engine) Keys() int64 { return e.op.keys() }

// Snapshot copies the engine's state out.
func (e *Engine) Snapshot() []state.Entry { return e.op.snapshot() }

// Restore replaces the engine's state by copies of entries. An engine needs no
// watermark of its own: each record brings it.
func (e *Engine) Restore(entries []state.Entry) { e.op.restore(entries) }

// slab hands out slices of values from one piece after another.
type slab struct {
	pieces [][]row.Value
	used   int // values handed out, of all pieces
}

// slabSize is how many values a piece has: 32 KB.
const slabSize = 1024

func (s *slab) take(n int) []row.Value {
	for {
		piece, at := s.used/slabSize, s.used%slabSize
		if n > slabSize {
			return make([]row.Value, n)
		}
		if at+n > slabSize {
			s.used += slabSize - at
			continue
		}
		if piece == len(s.pieces) {
			s.pieces = append(s.pieces, make([]row.Value, slabSize))
		}
		s.used += n
		return s.pieces[piece][at : at+n : at+n]
	}
}
