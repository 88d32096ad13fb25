package exec

import (
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/processors/window"
)

// aggregation groups records by key and window.
type aggregation struct {
	query       uint16
	source      int
	window      *plan.Window // nil: groups live forever
	final       bool         // EMIT FINAL
	windowScope bool

	where     wholeFunc // nil where there is none
	groupBy   []keyPart
	arguments []argument
	folds     []fold
	words     int // of a group
	texts     int
	output    output

	opt   Options
	store state.Store[groupState]
	out   *Result
	input env // sees records
	// scratch of the record that acts
	key      []row.Value
	operands []operand
}

// groupState is what is kept of one key in one window. What it is written to is
// copied with it; keys never change.
type groupState struct {
	timestamp int64 // largest event time so far
	// shown says that the group's row is out and has not been retracted.
	shown bool
	// partition is the number of the source topic-partition of its first record, -1
	// if that had no key.
	partition int32
	words     []uint64
	texts     *[]string // nil where no aggregate keeps a text
}

type (
	group       = state.Group[groupState]
	groupWindow = state.Window[groupState]
)

func newAggregation(q *plan.Query, opt Options) (*aggregation, error) {
	agg := q.Aggregation
	a := &aggregation{
		query: uint16(q.Index), source: q.Source, window: agg.Window, opt: opt,
		final: agg.Emit == plan.EmitFinal, windowScope: agg.WindowScope,
		key: make([]row.Value, len(agg.GroupBy)),
	}
	var err error
	if q.Where != nil {
		if a.where, err = compileWhole(q.Where); err != nil {
			return nil, err
		}
	}
	if a.groupBy, err = compileKey(agg.GroupBy); err != nil {
		return nil, err
	}
	aggregates, err := a.accumulate(agg.Aggregates)
	if err != nil {
		return nil, err
	}
	a.output, err = newOutput(q, aggregates)
	return a, err
}

// accumulate lays out what the group keeps for its aggregates.
func (a *aggregation) accumulate(calls []plan.AggregateCall) ([]aggregate, error) {
	arguments := map[string]int{}
	var list []aggregate
	for _, c := range calls {
		f, agg := compileAggregate(c)
		if c.Arg != nil {
			text := c.Arg.Type().String() + " " + c.Arg.String()
			i, known := arguments[text]
			if !known {
				arg, err := compileArgument(c.Arg)
				if err != nil {
					return nil, err
				}
				i = len(a.arguments)
				arguments[text] = i
				a.arguments = append(a.arguments, arg)
			}
			a.arguments[i].uses++
			f.argument = i
		}
		if i := slices.IndexFunc(a.folds, func(o fold) bool {
			return o.op == f.op && o.argument == f.argument && o.larger == f.larger
		}); i >= 0 {
			f = a.folds[i]
		} else {
			f.at, f.text = a.words, a.texts
			a.words += words[f.op]
			if f.op == bestText {
				a.texts++
			}
			a.folds = append(a.folds, f)
		}
		agg.at, agg.text = f.at, f.text
		list = append(list, agg)
	}
	a.operands = make([]operand, len(a.arguments))
	return list, nil
}

func (a *aggregation) begin(b *row.Batch, out *Result) {
	a.out = out
	a.input.batch, a.input.table = b, b.Table(a.source)
}

func (a *aggregation) keys() int64 { return a.store.Len() }

// nextClose is when the first open window closes: a window takes a record while
// end + grace > watermark.
func (a *aggregation) nextClose() int64 {
	end, open := a.store.FirstEnd()
	if !open || a.window == nil {
		return never
	}
	return end + a.window.Grace
}

// advance closes the windows that a watermark ends: at the flush, all of them.
// Groups without a window stay; the flush is when EMIT FINAL shows them.
func (a *aggregation) advance(i int, position, watermark int64) {
	place := row.Change{Position: position, Phase: 0, Cause: int32(i)}
	flush := watermark == row.FinalWatermark
	if a.window == nil {
		if flush && a.final {
			for _, w := range a.store.All() {
				a.finals(w, place)
			}
		}
		return
	}
	upTo := watermark
	if !flush {
		upTo -= a.window.Grace
	}
	a.store.CloseUpTo(upTo, func(w *groupWindow) {
		a.out.ClosedWindows += int64(w.Len())
		if a.final {
			a.finals(w, place)
		}
	})
}

// finals emits the groups of a window that has ended.
func (a *aggregation) finals(w *groupWindow, place row.Change) {
	for _, g := range a.store.InOrder(w) {
		a.emit(g, w, place)
	}
}

// act takes a record into its group.
func (a *aggregation) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	a.input.at(i)
	if a.input.record.State == row.NullValue {
		return row.Filtered // there is nothing to group
	}
	if a.where != nil {
		v, bad := a.where(&a.input)
		if bad > isNull {
			if a.opt.ErrorsToDeadLetter {
				return a.refuse(i, bad.err())
			}
			a.out.ExpressionErrors++
		}
		if bad != sound || v == 0 {
			return row.Filtered
		}
	}
	start, end, inTime := a.assign()
	if !inTime {
		a.out.Late++
		if a.opt.LateToDeadLetter {
			a.out.DeadLetters = append(a.out.DeadLetters, row.DeadLetter{Record: i, Reason: "late: its window has closed"})
		}
		return row.Late
	}
	if err := a.evaluate(); err != nil {
		return a.refuse(i, err)
	}
	if !hashed {
		hash = row.Hash(a.key)
	}
	w := a.store.Window(start, end)
	g := a.add(w, hash)
	if a.final {
		return row.StateOnly
	}
	return a.changes(g, w, row.Change{Position: position, Phase: 1, Cause: int32(i)})
}

// refuse sends a record to the dead-letter topic; it changes nothing.
func (a *aggregation) refuse(i int, err error) row.Disposition {
	a.out.ExpressionErrors++
	a.out.DeadLetters = append(a.out.DeadLetters, row.DeadLetter{Record: i, Reason: err.Error()})
	return row.Failed
}

// forever is the end of the one window that groups without windows live in.
const forever = row.FinalWatermark

// assign finds the record's window, and whether that still takes records.
func (a *aggregation) assign() (start, end int64, inTime bool) {
	if a.window == nil {
		return 0, forever, true
	}
	start, ok := window.Tumbling(a.input.record.EventTime, a.window.Size)
	end = start + a.window.Size
	return start, end, ok && end+a.window.Grace > a.input.record.Watermark
}

// evaluate computes the record's key and aggregate arguments, before any state
// is touched. What fails is NULL, or, under on_error: dlq, an error.
func (a *aggregation) evaluate() error {
	for i := range a.groupBy {
		k := &a.groupBy[i]
		if k.column >= 0 {
			a.key[i] = a.input.table.Columns[k.column].Value(a.input.row)
			continue
		}
		v, err := k.f(&a.input)
		if err != nil {
			if v = (row.Value{}); a.opt.ErrorsToDeadLetter {
				return err
			}
			a.out.ExpressionErrors++
		}
		a.key[i] = v
	}
	for i := range a.arguments {
		arg := &a.arguments[i]
		if bad := arg.read(&a.input, &a.operands[i]); bad > isNull {
			if a.opt.ErrorsToDeadLetter {
				return bad.err()
			}
			a.out.ExpressionErrors += arg.uses
		}
	}
	return nil
}

// add takes the evaluated record into its group in a window.
func (a *aggregation) add(w *groupWindow, hash uint64) *group {
	g, made := a.store.Group(w, hash, a.key)
	s := &g.State
	if made {
		a.reset(s)
	}
	s.timestamp = max(s.timestamp, a.input.record.EventTime)
	for i := range a.folds {
		f := &a.folds[i]
		if f.op == countRows {
			s.words[f.at]++
			continue
		}
		f.add(s, &a.operands[f.argument])
	}
	return g
}

// reset makes a group that may have been another before empty.
func (a *aggregation) reset(s *groupState) {
	if s.words == nil {
		s.words = make([]uint64, a.words)
		if a.texts > 0 {
			texts := make([]string, a.texts)
			s.texts = &texts
		}
	}
	clear(s.words)
	if s.texts != nil {
		clear(*s.texts)
	}
	s.timestamp, s.shown, s.partition = a.input.record.EventTime, false, a.input.record.Partition
	if a.input.record.Key == nil {
		s.partition = -1
	}
}

// changes emits what a record did: its group's row, or every group's of its
// window. The record's disposition is about its own group: what other groups'
// rows come again depends on which of them are in this engine.
func (a *aggregation) changes(g *group, w *groupWindow, c row.Change) row.Disposition {
	wasShown := g.State.shown
	if !a.windowScope {
		a.emit(g, w, c)
	} else {
		// A retraction stands before the rows, whatever its key.
		if wasShown && !a.output.shows(g, w) {
			a.emit(g, w, c)
		}
		for _, other := range a.store.InOrder(w) {
			if a.output.shows(other, w) {
				a.emit(other, w, c)
			}
		}
	}
	if wasShown || g.State.shown { // its row, or the row's deletion
		return row.Output
	}
	return row.StateOnly
}

// emit appends a group's row; where HAVING does not hold, the deletion of a row
// that was shown, or nothing.
func (a *aggregation) emit(g *group, w *groupWindow, c row.Change) {
	s := &g.State
	c.Query, c.Timestamp = a.query, s.timestamp
	if a.output.wholeKey {
		c.Written = a.store.Written(g)
	}
	if a.window != nil {
		c.WindowStart, c.WindowEnd = w.Start, w.End
	}
	if !a.output.look(g, w, a.out) {
		if !s.shown {
			return
		}
		s.shown = false
		c.Key = a.output.key(g, a.out)
		a.out.Changes = append(a.out.Changes, c)
		return
	}
	s.shown = true
	c.Step = 1
	c.Key = a.output.key(g, a.out)
	c.Values = a.output.values(g, a.out)
	a.out.Changes = append(a.out.Changes, c)
}
