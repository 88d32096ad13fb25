package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// aggregation groups records by key and window.
type aggregation struct {
	query       uint16
	source      int
	window      *plan.Window // nil: groups live forever
	final       bool         // EMIT FINAL
	windowScope bool
	// plain says that a record makes its group's row, of the group's key and
	// aggregates as they are.
	plain bool

	where   filterFunc // nil where there is none
	groupBy chunkKeys
	aggregate.Layout
	output output

	opt   Options
	store *state.Store
	out   *Result
	input expression.Env // sees records

	// The records that act, and what was found out about them.
	chunk    chunk
	operands [][chunkSize]aggregate.Operand // of each argument
	values   [][chunkSize]row.Value         // of each input
	windows  [chunkSize]*state.Window
	keyOf    [chunkSize]state.Key
	groups   [chunkSize]aggregate.Group
	errors   [chunkSize]error // under on_error: dlq
	refused  bool             // there are some
	other    aggregate.Group  // one of a window's
}

func newAggregation(q *plan.Query, opt Options) (*aggregation, error) {
	agg := q.Aggregation
	a := &aggregation{
		query: uint16(q.Index), source: q.Source, window: agg.Window, opt: opt,
		final: agg.Emit == plan.EmitFinal, windowScope: agg.WindowScope,
	}
	var err error
	if q.Where != nil {
		if a.where, err = compileFilter(q.Where); err != nil {
			return nil, err
		}
	}
	if a.groupBy, err = newChunkKeys(agg.GroupBy); err != nil {
		return nil, err
	}
	a.Layout.Words = ownWords
	a.Undone = agg.Undo != nil
	a.Ordered = agg.Window != nil && agg.Window.Kind == plan.Session || a.Undone
	aggregates, err := a.Accumulate(agg.Aggregates)
	if err != nil {
		return nil, err
	}
	a.operands, a.values = make([][chunkSize]aggregate.Operand, len(a.Arguments)), make([][chunkSize]row.Value, len(a.Inputs))
	a.store = a.newStore()
	a.output, err = newOutput(q, aggregates)
	a.plain = !a.final && !a.windowScope && !a.output.staged
	for i, it := range a.output.items {
		if it.aggregate >= 0 {
			one := &a.output.aggregates[it.aggregate]
			a.ShowIn(one, i)
		}
	}
	return a, err
}

func (a *aggregation) newStore() *state.Store {
	return state.NewStore(len(a.groupBy.parts), a.Words, a.Texts)
}

func (a *aggregation) begin(b *row.Batch, out *Result) {
	a.out = out
	a.input.Batch, a.input.Table = b, b.Table(a.source)
}

func (a *aggregation) keys() int64 { return a.store.Len() }

// nextClose returns the smallest watermark that closes a window: a window accepts records while
// end + grace > watermark.
func (a *aggregation) nextClose() int64 {
	end, open := a.store.FirstEnd()
	if !open || a.window == nil {
		return never
	}
	return row.AddTime(end, a.window.Grace)
}

// advance closes the windows that a watermark ends; the flush closes all of them. Groups without
// a window stay; EMIT FINAL emits their rows at the flush.
func (a *aggregation) advance(i int, position, watermark int64) {
	at := place{position, 0, int32(i)}
	flush := watermark == row.FinalWatermark
	if a.window == nil {
		if flush && a.final {
			for _, w := range a.store.All() {
				a.finals(w, at)
			}
		}
		return
	}
	a.store.CloseUpTo(row.AddTime(watermark, -a.window.Grace), func(w *state.Window) {
		a.out.ClosedWindows += int64(w.Len())
		if a.final {
			a.finals(w, at)
		}
		a.release(w)
	})
}

// release gives up what the groups of a window that has ended kept apart.
func (a *aggregation) release(w *state.Window) {
	for i := range a.Folds {
		if f := &a.Folds[i]; f.Tally != nil {
			for _, g := range w.Groups() {
				f.Tally.Release(&a.store.Words(g)[f.At])
			}
		}
	}
}

// finals emits the groups of a window that has ended.
func (a *aggregation) finals(w *state.Window, at place) {
	for _, g := range a.store.InOrder(w) {
		a.other = a.state(g)
		a.emit(w, a.store.KeyOf(g), &a.other, at)
	}
}

// run takes records into their groups.
func (a *aggregation) run(list []int32, hashes []uint64) (taken int) {
	c := &a.chunk
	taken = c.gather(a.input.Batch, list, hashes, a.window, a.nextClose(), func(i int32) { a.setDisposition(i, row.Filtered) })
	if a.where != nil {
		c.filter(a.where, &a.input, a.filtered)
	}
	if a.window != nil {
		a.dropLate()
	}
	a.identify(hashes != nil)
	a.evaluate()
	if a.refused {
		a.refuse()
	}
	step := a.step(c.n)
	for from := 0; from < c.n; from += step {
		to := min(from+step, c.n)
		a.find(from, to)
		switch {
		case a.plain:
			a.rows(from, to)
		case a.final:
			a.fold(from, to, nil)
			for k := from; k < to; k++ {
				a.touch(k)
				a.setDisposition(c.records[k], row.StateOnly)
			}
		default:
			a.fold(from, to, nil)
			a.touch(from)
			i := c.records[from]
			a.setDisposition(i, a.changes(from, place{a.input.Batch.First + int64(i), 1, i}))
		}
	}
	return taken
}

// step is how many of n records go through their groups together: all, unless
// what one emits is seen only before the next acts, or the rows would not lie side
// by side.
func (a *aggregation) step(n int) int {
	switch {
	case a.plain:
		return max(1, slabSize/max(1, len(a.output.items)))
	case a.final:
		return max(1, n)
	}
	return 1
}

// setDisposition records what was done with a record.
func (a *aggregation) setDisposition(i int32, d row.Disposition) {
	if d > a.out.Dispositions[i] {
		a.out.Dispositions[i] = d
	}
}

const lateReason = "late: its window has closed"

// deadLetter sends a record to the dead-letter topic.
func (a *aggregation) deadLetter(i int32, reason string) {
	a.out.DeadLetters = append(a.out.DeadLetters, row.DeadLetter{Record: int(i), Reason: reason})
}

// filtered is of a record for which WHERE does not hold.
func (a *aggregation) filtered(i int32, bad expression.Flaw) {
	if bad > expression.IsNull {
		a.out.ExpressionErrors++
		if a.opt.ErrorsToDeadLetter {
			a.deadLetter(i, bad.Err().Error())
			a.setDisposition(i, row.Failed)
			return
		}
	}
	a.setDisposition(i, row.Filtered)
}

// dropLate leaves out the records whose window has closed.
func (a *aggregation) dropLate() {
	c := &a.chunk
	left := 0
	for k := range c.n {
		if c.late[k] {
			a.out.Late++
			a.setDisposition(c.records[k], row.Late)
			if a.opt.LateToDeadLetter {
				a.deadLetter(c.records[k], lateReason)
			}
			continue
		}
		if left != k {
			c.move(left, k)
		}
		left++
	}
	c.n = left
}

// fail handles an error of a key or an argument before any state is changed: the value is NULL
// or, under on_error: dlq, the record is refused.
func (a *aggregation) fail(k int, err error, uses int64) {
	switch {
	case !a.opt.ErrorsToDeadLetter:
		a.out.ExpressionErrors += uses
	case a.errors[k] == nil:
		a.errors[k], a.refused = err, true
	}
}

// refuse sends records with an error to the dead-letter topic; they change
// nothing.
func (a *aggregation) refuse() {
	c := &a.chunk
	left := 0
	for k := range c.n {
		if err := a.errors[k]; err != nil {
			a.out.ExpressionErrors++
			a.deadLetter(c.records[k], err.Error())
			a.setDisposition(c.records[k], row.Failed)
			continue
		}
		if left != k {
			c.move(left, k)
			a.groupBy.move(left, k)
			for i := range a.operands {
				a.operands[i][left] = a.operands[i][k]
			}
			for i := range a.values {
				a.values[i][left] = a.values[i][k]
			}
		}
		left++
	}
	c.n = left
	clear(a.errors[:])
	a.refused = false
}

// evaluate computes the aggregates' arguments.
func (a *aggregation) evaluate() {
	c := &a.chunk
	for i := range a.Arguments {
		arg, operands := &a.Arguments[i], &a.operands[i]
		if arg.Column >= 0 {
			arg.ReadColumn(a.input.Table.Columns[arg.Column], c.rows[:c.n], operands[:])
			continue
		}
		for k := range c.n {
			a.input.At(int(c.records[k]))
			if bad := arg.Read(&a.input, &operands[k]); bad > expression.IsNull {
				a.fail(k, bad.Err(), arg.Uses)
			}
		}
	}
	for i := range a.Inputs {
		in := &a.Inputs[i]
		for k := range c.n {
			a.input.At(int(c.records[k]))
			v, err := in.F(&a.input)
			if err != nil {
				v = row.Value{}
				a.fail(k, err, in.Uses)
			}
			a.values[i][k] = v
		}
	}
}

// find finds the windows and groups of records [from, to), and makes those that
// are not there.
func (a *aggregation) find(from, to int) {
	c := &a.chunk
	for k := from; k < to; k++ {
		words := a.groupBy.of(k)
		var tuple []row.Value
		if a.groupBy.long {
			tuple = a.groupBy.tuple(&a.input, c, k)
		}
		key, known := a.store.Find(c.hashes[k], words, tuple)
		if !known {
			key = a.store.Add(c.hashes[k], words, a.groupBy.tuple(&a.input, c, k))
		}
		w := a.store.Window(c.starts[k], c.ends[k])
		g, made := a.store.Group(w, key)
		a.windows[k], a.keyOf[k], a.groups[k] = w, key, a.state(g)
		if made {
			a.reset(k)
		}
	}
}

// reset makes a group that may have been another before empty.
func (a *aggregation) reset(k int) {
	begin(&a.groups[k], a.input.Batch.Record(int(a.chunk.records[k])))
}

// fold takes records [from, to) into their groups.
func (a *aggregation) fold(from, to int, rows *aggregate.Rows) {
	for i := range a.Folds {
		f := &a.Folds[i]
		if f.Tally != nil {
			a.tally(f, from, to, rows)
			continue
		}
		var operands []aggregate.Operand
		if f.Argument >= 0 {
			operands = a.operands[f.Argument][from:to]
		}
		f.Run(a.groups[from:to], operands, rows)
	}
}

// tally is fold of what has no fixed size.
func (a *aggregation) tally(f *aggregate.Fold, from, to int, rows *aggregate.Rows) {
	t := f.Tally
	for k := from; k < to; k++ {
		for i, in := range t.Inputs {
			t.Values[i] = a.values[in][k]
		}
		t.Take(&a.groups[k].Words[f.At], a.input.Batch.First+int64(a.chunk.records[k]))
		rows.Show(f, &a.groups[k], k-from)
	}
}

// touch moves the time of a record's group on.
func (a *aggregation) touch(k int) {
	s := &a.groups[k]
	if at := a.chunk.times[k]; at > int64(s.Words[timestampWord]) {
		s.Words[timestampWord] = uint64(at)
	}
}

// rows emits a row for each of records [from, to), of which each column is a
// column of the group's key or an aggregate.
func (a *aggregation) rows(from, to int) {
	c := &a.chunk
	width := len(a.output.items)
	made := aggregate.Rows{Values: a.out.values.take((to - from) * width), Width: width}
	a.fold(from, to, &made)
	a.out.ExpressionErrors += made.Failed
	for k := from; k < to; k++ {
		a.touch(k)
		s, key := &a.groups[k], a.store.Tuple(a.keyOf[k])
		setShown(s, true)
		values := made.Values[(k-from)*width:][:width:width]
		for i := range a.output.items {
			if g := a.output.items[i].group; g >= 0 {
				values[i] = key[g]
			}
		}
		i := c.records[k]
		a.setDisposition(i, row.Output)
		change := a.change(a.windows[k], s, place{a.input.Batch.First + int64(i), 1, i})
		change.Step, change.Key, change.Written, change.Values = 1, key, a.store.Written(a.keyOf[k]), values
	}
}

// change appends the change of a group, but for its step, key and values.
func (a *aggregation) change(w *state.Window, s *aggregate.Group, at place) *row.Change {
	c := a.out.change()
	c.Position, c.Phase, c.Query, c.Ordinal = at.position, at.phase, a.query, 0
	c.WindowStart, c.WindowEnd = 0, 0
	if a.window != nil {
		c.WindowStart, c.WindowEnd = w.Start, w.End
	}
	c.Timestamp, c.Cause, c.Partition = int64(s.Words[timestampWord]), at.cause, 0
	return c
}

// place is the place of a change in the order of outputs, with its cause.
type place struct {
	position int64
	phase    uint8
	cause    int32
}

// changes emits what a record did: its group's row, or every group's of its
// window. The record's disposition is about its own group: what other groups'
// rows come again depends on which of them are in this engine.
func (a *aggregation) changes(k int, at place) row.Disposition {
	w, key, s := a.windows[k], a.keyOf[k], &a.groups[k]
	wasShown := isShown(s)
	if !a.windowScope {
		a.emit(w, key, s, at)
	} else {
		// A retraction stands before the rows of all keys.
		retracted := wasShown && !a.output.wouldPassHaving(a.store.Tuple(key), w, s)
		if retracted {
			a.emit(w, key, s, at)
		}
		a.emitWindow(w, key, retracted, at)
	}
	if wasShown || isShown(s) { // its row, or the row's deletion
		return row.Output
	}
	return row.StateOnly
}

// emitWindow emits the rows of all groups of a window. Where HAVING fails for the
// record's own group, that is counted once: here, or with its retraction before.
func (a *aggregation) emitWindow(w *state.Window, own state.Key, retracted bool, at place) {
	for _, g := range a.store.InOrder(w) {
		other := a.store.KeyOf(g)
		a.other = a.state(g)
		switch {
		case a.output.wouldPassHaving(a.store.Tuple(other), w, &a.other):
			a.emit(w, other, &a.other, at)
		case other == own && !retracted:
			a.output.passesHaving(a.store.Tuple(own), w, &a.other, a.out)
		}
	}
}

// emit appends a group's row; where HAVING does not hold, the deletion of a row
// that was shown, or nothing.
func (a *aggregation) emit(w *state.Window, key state.Key, s *aggregate.Group, at place) {
	tuple := a.store.Tuple(key)
	shows := a.output.passesHaving(tuple, w, s, a.out)
	if !shows && !isShown(s) {
		return
	}
	setShown(s, shows)
	c := a.change(w, s, at)
	c.Step, c.Key, c.Written, c.Values = 0, tuple, nil, nil
	if a.output.wholeKey {
		c.Written = a.store.Written(key)
	} else {
		c.Key = a.output.key(a.out)
	}
	if shows {
		c.Step, c.Values = 1, a.output.values(tuple, s, a.out)
	}
}
