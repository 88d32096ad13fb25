package exec

import (
	"cmp"
	"iter"
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// regroup is the second stage of an aggregation over a table: each change removes a row of the table
// from its group, adds one, or both. An aggregate from which a row can be removed exactly is updated;
// any other is computed again from the group's rows, which are kept for that in the order of their
// last changes. A group without rows is deleted.
type regroup struct {
	in   intake // which takes no chunks
	undo plan.Undo
	old  []aggregate.Argument // of the row that goes
	// again says that rows are kept, because an aggregate is computed again.
	again   bool
	groups  keyTable[tableGroup, *tableGroup]
	forever state.Window
	gone    []aggregate.Operand // scratch
}

// tableGroup is a group of a table's rows.
type tableGroup struct {
	aggregate.Group
	n    int64 // rows
	rows []groupRow
	entryMark
}

// groupRow is the part of a group's row that aggregates read.
type groupRow struct {
	since    int64
	operands []aggregate.Operand
	values   []row.Value
}

func newRegroup(q *plan.Query, opt Options) (*regroup, error) {
	in, err := newIntake(q, opt)
	if err != nil {
		return nil, err
	}
	g := &regroup{in: in, undo: *q.Aggregation.Undo, old: slices.Clone(in.Arguments), forever: state.Window{End: forever}}
	for i := range g.old {
		g.old[i].Column += g.undo.Old
	}
	for i := range in.Folds {
		g.again = g.again || !in.Folds[i].CanUndo()
	}
	g.gone = make([]aggregate.Operand, len(g.old))
	return g, nil
}

func (g *regroup) begin(b *row.Batch, out *Result) { g.in.begin(b, out) }

func (g *regroup) nextClose() int64 { return never }

func (g *regroup) keys() int64 { return int64(g.groups.Len()) }

// advance shows the groups of an EMIT FINAL at the flush.
func (g *regroup) advance(i int, position, watermark int64) {
	if !g.in.final || watermark != row.FinalWatermark {
		return
	}
	for _, k := range g.groups.InOrder() {
		g.groups.touch(k)
		g.show(k, place{position, 0, int32(i)}, false)
	}
}

func (g *regroup) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	g.in.input.At(i)
	rec := g.in.input.Record
	if err := g.in.evaluate(); err != nil {
		return g.in.out.refuse(i, err)
	}
	for k := range g.in.parts {
		g.in.tuple[k] = g.in.tuple[k].AsKey()
	}
	if !hashed {
		hash = row.Hash(g.in.tuple)
	}
	now, comes := g.time(g.undo.Now)
	since, goes := g.time(g.undo.Since)
	k := g.groups.Find(hash, g.in.tuple)
	if k == nil {
		k = g.groups.Add(hash, g.in.tuple)
		k.Data.Group = aggregate.Group{Words: make([]uint64, g.in.Words), Texts: make([]string, g.in.Texts)}
		begin(&k.Data.Group, rec)
	}
	g.groups.touch(k)
	group := &k.Data
	reach(&group.Group, rec.EventTime)
	if goes {
		g.takeAway(group, since)
	}
	if comes {
		g.add(group, now)
	}
	if g.again {
		g.remake(group)
	}
	shown := isShown(&group.Group)
	if !g.in.final {
		g.show(k, place{position, 1, int32(i)}, !comes)
	}
	if group.n == 0 {
		g.forget(k)
	}
	if shown || isShown(&group.Group) {
		return row.Output
	}
	return row.StateOnly
}

// time is a BIGINT column of the change, and whether it has it.
func (g *regroup) time(column int) (int64, bool) {
	c := g.in.input.Table.Columns[column]
	return c.Int64(g.in.input.Row), c.Valid(g.in.input.Row)
}

func (g *regroup) takeAway(group *tableGroup, since int64) {
	group.n--
	g.in.row[0] = int32(g.in.input.Row)
	for i := range g.old {
		g.old[i].ReadColumn(g.in.input.Table.Columns[g.old[i].Column], g.in.row[:], g.gone[i:i+1])
	}
	for i := range g.in.Folds {
		f := &g.in.Folds[i]
		switch {
		case !f.CanUndo():
		case f.Tally != nil:
			for n, in := range f.Tally.Inputs {
				f.Tally.Values[n] = g.in.input.Table.Columns[g.in.Inputs[in].Column+g.undo.Old].Value(g.in.input.Row)
			}
			f.Tally.TakeBack(group.Words[f.At], since)
		case f.Argument >= 0:
			f.Undo(&group.Group, &g.gone[f.Argument])
		default:
			f.Undo(&group.Group, nil)
		}
	}
	if g.again {
		at, _ := slices.BinarySearchFunc(group.rows, since, func(r groupRow, at int64) int { return cmp.Compare(r.since, at) })
		group.rows = slices.Delete(group.rows, at, at+1)
	}
}

func (g *regroup) add(group *tableGroup, now int64) {
	group.n++
	one := [1]aggregate.Group{group.Group}
	for i := range g.in.Folds {
		f := &g.in.Folds[i]
		if !f.CanUndo() {
			continue
		}
		if f.Tally != nil {
			f.Tally.TakeOf(g.in.values, &group.Words[f.At], now)
			continue
		}
		var operands []aggregate.Operand
		if f.Argument >= 0 {
			operands = g.in.operands[f.Argument : f.Argument+1]
		}
		f.Run(one[:], operands, nil)
	}
	if g.again {
		group.rows = append(group.rows, groupRow{now, keptOperands(g.in.operands), row.CloneAll(g.in.values)})
	}
}

// keptOperands copies operands without their texts: only aggregates of DOUBLEs are computed again
// from operands.
func keptOperands(list []aggregate.Operand) []aggregate.Operand {
	list = slices.Clone(list)
	for i := range list {
		list[i].Text = ""
	}
	return list
}

// isDerived reports whether remake computes a fold from the rows, so that an entry lacks it.
func isDerived(f *aggregate.Fold) bool { return !f.CanUndo() }

// remake makes anew of the group's rows what cannot be undone.
func (g *regroup) remake(group *tableGroup) {
	for i := range g.in.Folds {
		f := &g.in.Folds[i]
		switch {
		case f.CanUndo():
			continue
		case f.Tally != nil:
			f.Tally.Release(&group.Words[f.At])
		default:
			clear(group.Words[f.At:][:f.Size()])
		}
		for r := range group.rows {
			own := &group.rows[r]
			if f.Tally == nil {
				if o := &own.operands[f.Argument]; o.Valid {
					f.Add(&group.Group, o)
				}
				continue
			}
			f.Tally.TakeOf(own.values, &group.Words[f.At], own.since)
		}
	}
}

// forget gives up a group that its last row has left.
func (g *regroup) forget(k *row.Key[tableGroup]) {
	for i := range g.in.Folds {
		if t := g.in.Folds[i].Tally; t != nil {
			t.Release(&k.Data.Words[g.in.Folds[i].At])
		}
	}
	g.groups.Delete(k)
}

// show emits a group's row; where it has no rows, or HAVING does not hold, the
// deletion of what was shown. left says that a row has only left it.
func (g *regroup) show(k *row.Key[tableGroup], at place, left bool) {
	group := &k.Data
	shows := group.n > 0 && g.in.output.passesHaving(k.Values, &g.forever, &group.Group, g.in.out)
	if !shows && !isShown(&group.Group) {
		return
	}
	if !shows && g.in.output.staged {
		g.in.output.stage(k.Values, &g.forever, &group.Group) // for the key
	}
	setShown(&group.Group, shows)
	c := g.in.change(&g.forever, &group.Group, at)
	c.Step, c.Key, c.Written, c.Values = 1, k.Values, nil, nil
	if !g.in.output.wholeKey {
		c.Key = g.in.output.key(g.in.out)
	}
	if left || !shows {
		c.Step = 0
	}
	if shows {
		c.Values = g.in.output.values(k.Values, &group.Group, g.in.out)
	}
}

// regroupEntry is a group outside an engine.
type regroupEntry struct {
	key     []row.Value
	group   aggregate.Group
	n       int64
	rows    []groupRow
	tallies []aggregate.Tally
}

func (g *regroup) snapshot() []state.Entry {
	return g.groups.inOrder(g.entriesWith(&g.in.Layout))
}

func (g *regroup) freeze() iter.Seq[state.Entry] {
	return g.groups.freeze(g.entriesWith(g.in.Layout.ForReaders()))
}

// entriesWith returns what copies a group, whose tallies a layout has.
func (g *regroup) entriesWith(l *aggregate.Layout) func([]state.Entry, *row.Key[tableGroup]) []state.Entry {
	return func(entries []state.Entry, k *row.Key[tableGroup]) []state.Entry {
		own := &k.Data
		e := state.Entry{
			Partition: home(&own.Group),
			State:     regroupEntry{k.Values, own.Clone(), own.n, slices.Clone(own.rows), l.Tallies(&own.Group, isDerived)},
		}
		if len(g.in.parts) > 0 {
			e.Hash = k.Hash
		}
		return append(entries, e)
	}
}

func (g *regroup) restore(entries []state.Entry) {
	g.groups = keyTable[tableGroup, *tableGroup]{}
	g.in.ForgetTallies()
	for _, e := range entries {
		saved := e.State.(regroupEntry)
		k := g.groups.Add(row.Hash(saved.key), saved.key)
		k.Data = tableGroup{Group: saved.group.Clone(), n: saved.n, rows: slices.Clone(saved.rows)}
		setHome(&k.Data.Group, e.Partition)
		g.in.Keep(&k.Data.Group, saved.tallies)
		if g.again {
			g.remake(&k.Data)
		}
	}
}
