package exec

import (
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

	where       eval
	groupBy     []eval
	aggregators []aggregator
	having      eval
	items       []eval
	key         []eval

	opt    Options
	store  state.Store[*group]
	values slab
	out    *Result
	// input sees records, output sees groups.
	input, output env
	keyValues     []row.Value // scratch
	argValues     []row.Value // scratch
	encoded       []byte      // scratch
}

// group is the state of one key in one window.
type group struct {
	key       []row.Value
	encoded   string
	timestamp int64 // largest event time so far
	// shown says that the group's row is out and has not been retracted.
	shown        bool
	accumulators []accumulator
}

func newAggregation(q *plan.Query, opt Options) (*aggregation, error) {
	agg := q.Aggregation
	a := &aggregation{
		query: uint16(q.Index), source: q.Source, window: agg.Window, opt: opt,
		final: agg.Emit == plan.EmitFinal, windowScope: agg.WindowScope,
		keyValues: make([]row.Value, len(agg.GroupBy)), argValues: make([]row.Value, len(agg.Aggregates)),
	}
	var err error
	for expr, target := range map[*plan.Expr]*eval{&q.Where: &a.where, &agg.Having: &a.having} {
		if *expr != nil {
			if *target, err = compile(*expr); err != nil {
				return nil, err
			}
		}
	}
	for list, target := range map[*[]plan.Expr]*[]eval{&agg.GroupBy: &a.groupBy, &q.Items: &a.items, &q.Key: &a.key} {
		if *target, err = compileAll(*list); err != nil {
			return nil, err
		}
	}
	for _, call := range agg.Aggregates {
		g, err := compileAggregate(call)
		if err != nil {
			return nil, err
		}
		a.aggregators = append(a.aggregators, g)
	}
	a.output.aggregates = make([]row.Value, len(a.aggregators))
	a.output.failures = make([]error, len(a.aggregators))
	return a, nil
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
	flush := watermark == row.FinalWatermark
	if a.window == nil {
		if flush && a.final {
			a.finals(a.store.All(), i, position)
		}
		return
	}
	upTo := watermark
	if !flush {
		upTo -= a.window.Grace
	}
	closed := a.store.CloseUpTo(upTo)
	for _, w := range closed {
		a.out.ClosedWindows += int64(w.Len())
	}
	if a.final {
		a.finals(closed, i, position)
	}
}

// finals emits the groups of windows that have ended.
func (a *aggregation) finals(windows []*state.Window[*group], i int, position int64) {
	for _, w := range windows {
		for _, g := range w.Groups(compareGroups) {
			a.emit(g, w, row.Change{Position: position, Phase: 0, Cause: int32(i)})
		}
	}
}

func compareGroups(x, y *group) int { return row.CompareKeys(x.key, y.key) }

// act takes a record into its group.
func (a *aggregation) act(i int, position int64) row.Disposition {
	a.input.at(i)
	if a.input.record.State == row.NullValue {
		return row.Filtered // there is nothing to group
	}
	if a.where != nil {
		v, err := a.where(&a.input)
		if err != nil && a.opt.ErrorsToDeadLetter {
			return a.refuse(i, err)
		}
		if err != nil {
			a.out.ExpressionErrors++
		}
		if err != nil || !v.Bool() {
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
	w := a.store.Window(start, end)
	g := a.add(w)
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
	fail := func(err error) error {
		if a.opt.ErrorsToDeadLetter {
			return err
		}
		a.out.ExpressionErrors++
		return nil
	}
	for i, f := range a.groupBy {
		v, err := f(&a.input)
		if err != nil {
			v = row.Value{}
			if err := fail(err); err != nil {
				return err
			}
		}
		a.keyValues[i] = v
	}
	for i := range a.aggregators {
		if a.aggregators[i].arg == nil {
			continue
		}
		v, err := a.aggregators[i].arg(&a.input)
		if err != nil {
			v = row.Value{}
			if err := fail(err); err != nil {
				return err
			}
		}
		a.argValues[i] = v
	}
	return nil
}

// add takes the evaluated record into its group in a window.
func (a *aggregation) add(w *state.Window[*group]) *group {
	a.encoded = row.AppendKey(a.encoded[:0], a.keyValues...)
	g, ok := w.Group(a.encoded)
	if !ok {
		g = &group{
			key: append([]row.Value(nil), a.keyValues...), encoded: string(a.encoded),
			timestamp: a.input.record.EventTime, accumulators: make([]accumulator, len(a.aggregators)),
		}
		a.store.Add(w, g.encoded, g)
	}
	g.timestamp = max(g.timestamp, a.input.record.EventTime)
	for i := range a.aggregators {
		acc := &g.accumulators[i]
		switch v := a.argValues[i]; {
		case a.aggregators[i].arg == nil:
			acc.n++
		case !v.IsNull():
			acc.n++
			a.aggregators[i].add(acc, v)
		}
	}
	return g
}

// changes emits what a record did: its group's row, or every group's of its
// window. The record's disposition is about its own group: what other groups'
// rows come again depends on which of them are in this engine.
func (a *aggregation) changes(g *group, w *state.Window[*group], c row.Change) row.Disposition {
	wasShown := g.shown
	if !a.windowScope {
		a.emit(g, w, c)
	} else {
		// A retraction stands before the rows, whatever its key.
		if g.shown && !a.emittable(g, w) {
			a.emit(g, w, c)
		}
		for _, other := range w.Groups(compareGroups) {
			if a.emittable(other, w) {
				a.emit(other, w, c)
			}
		}
	}
	if wasShown || g.shown { // its row, or the row's deletion
		return row.Output
	}
	return row.StateOnly
}

// look points the output environment at a group and computes its aggregates.
func (a *aggregation) look(g *group, w *state.Window[*group]) {
	a.output.groups, a.output.start, a.output.end = g.key, w.Start, w.End
	for i := range a.aggregators {
		a.output.aggregates[i], a.output.failures[i] = a.aggregators[i].result(&g.accumulators[i])
	}
}

// emittable reports whether HAVING holds for a group, without counting.
func (a *aggregation) emittable(g *group, w *state.Window[*group]) bool {
	if a.having == nil {
		return true
	}
	a.look(g, w)
	var ignored int64
	return isTrue(a.having, &a.output, &ignored)
}

// emit appends a group's row; where HAVING does not hold, the deletion of a row
// that was shown, or nothing.
func (a *aggregation) emit(g *group, w *state.Window[*group], c row.Change) {
	a.look(g, w)
	c.Query, c.Timestamp = a.query, g.timestamp
	if a.window != nil {
		c.WindowStart, c.WindowEnd = w.Start, w.End
	}
	if a.having != nil && !isTrue(a.having, &a.output, &a.out.ExpressionErrors) {
		if !g.shown {
			return
		}
		g.shown = false
		c.Step = 0
		c.Key = a.tuple(a.key)
		a.out.Changes = append(a.out.Changes, c)
		return
	}
	g.shown = true
	c.Step = 1
	c.Key = a.tuple(a.key)
	c.Values = a.tuple(a.items)
	a.out.Changes = append(a.out.Changes, c)
}

// tuple evaluates expressions over a group; what fails is NULL and counted.
func (a *aggregation) tuple(list []eval) []row.Value {
	if len(list) == 0 {
		return nil
	}
	values := a.values.take(len(list))
	for i, f := range list {
		v, err := f(&a.output)
		if err != nil {
			a.out.ExpressionErrors++
			continue
		}
		values[i] = v
	}
	return values
}
