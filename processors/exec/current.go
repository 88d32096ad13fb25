package exec

import (
	"iter"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// current projects a table: it remembers which of the table's rows are shown, so
// that one that is deleted, or that WHERE holds for no more, is deleted from what
// it shows, and nothing else is. A row in a window is remembered until that is
// settled; else time does nothing to it.
type current struct {
	p       *projection
	primary primary
	shown   windowTable[shownRow, *shownRow]
}

// shownRow is the number of the source topic-partition of a row's first record.
type shownRow struct {
	partition int32
	placed
	entryMark
}

// primary reads a table's primary key.
type primary struct {
	columns []int
	// split is how many of the columns V2 splits by: those before the window.
	split int
	// windowed says that the last two are the bounds of a window.
	windowed bool
	tuple    []row.Value // scratch
}

func primaryOf(q *plan.Query) primary {
	p := primary{split: len(q.Split.By), tuple: make([]row.Value, len(q.Retain.Key))}
	p.windowed = q.Inputs != nil && q.Inputs[q.Source].Rows.Windowed
	for _, e := range q.Retain.Key {
		p.columns = append(p.columns, e.(*plan.Column).Index)
	}
	return p
}

// of returns the key of the row that n points to, valid until the next call, and its hash. hash is
// the hash of the columns that V2 splits by, if that is known.
func (p *primary) of(n *expression.Env, hash uint64, hashed bool) (key []row.Value, whole uint64) {
	for i, c := range p.columns {
		p.tuple[i] = n.Table.Columns[c].Value(n.Row)
	}
	if !hashed || p.split < len(p.columns) {
		hash = row.Hash(p.tuple)
	}
	return p.tuple, hash
}

// splitHash is the hash by which V2 splits a key; 0 where it does not.
func (p *primary) splitHash(key []row.Value) uint64 {
	if p.split == 0 {
		return 0
	}
	return row.Hash(key[:p.split])
}

func newCurrent(q *plan.Query, opt Options) (*current, error) {
	p, err := newProjection(q, opt)
	c := &current{p: p, primary: primaryOf(q)}
	c.shown.windowed = c.primary.windowed
	return c, err
}

func (c *current) begin(b *row.Batch, out *Result) { c.p.begin(b, out) }
func (c *current) nextClose() int64                { return never }
func (c *current) advance(int, int64, int64)       {}
func (c *current) expire(settled int64)            { c.shown.expire(settled) }
func (c *current) keys() int64                     { return int64(c.shown.Len()) }

func (c *current) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	p := c.p
	values, shows, dropped := p.look(i)
	if dropped != row.DispositionNone {
		return dropped
	}
	record := p.env.Record
	tuple, hash := c.primary.of(&p.env, hash, hashed)
	k := c.shown.Find(hash, tuple)
	change := row.Change{
		Position: position, Phase: 1, Query: p.query, Cause: int32(i), Timestamp: record.EventTime,
	}
	switch {
	case !shows && k == nil:
		return row.Filtered
	case !shows:
		c.shown.Delete(k)
	case k == nil:
		c.shown.Add(hash, tuple).Data.partition = homeOf(record)
		fallthrough
	default:
		change.Step, change.Values = 1, values
	}
	change.Key, _ = p.key.evaluate(&p.env, p.opt, p.out)
	p.window.give(&change, p.env.Table, p.env.Row)
	p.out.Changes = append(p.out.Changes, change)
	return row.Output
}

// look evaluates record i of a table: its row, and whether there is one that WHERE
// lets through; or why the record changes nothing.
func (p *projection) look(i int) (values []row.Value, is bool, dropped row.Disposition) {
	p.env.At(i)
	if p.env.Record.State == row.NullValue {
		return nil, false, row.DispositionNone
	}
	d, holds := p.where.admits(&p.env, p.opt, p.out, i)
	switch {
	case d == row.Failed:
		return nil, false, d
	case !holds:
		return nil, false, row.DispositionNone
	}
	values, err := p.evaluate(p.items)
	if err != nil && p.opt.ErrorsToDeadLetter {
		return nil, false, p.out.refuse(i, err)
	}
	return values, true, row.DispositionNone
}

// shownEntry is the primary key of a row that is shown, outside an engine.
type shownEntry struct{ key []row.Value }

// snapshot lists the rows that are shown, in order.
func (c *current) snapshot() []state.Entry { return c.shown.inOrder(c.entries) }

func (c *current) freeze() iter.Seq[state.Entry] { return c.shown.freeze(c.entries) }

func (c *current) entries(entries []state.Entry, k *row.Key[shownRow]) []state.Entry {
	return append(entries, state.Entry{
		Hash: c.primary.splitHash(k.Values), Partition: k.Data.partition, State: shownEntry{k.Values},
	})
}

func (c *current) restore(entries []state.Entry) {
	c.shown = windowTable[shownRow, *shownRow]{windowed: c.primary.windowed}
	for _, e := range entries {
		key := e.State.(shownEntry).key
		c.shown.Add(row.Hash(key), key).Data.partition = e.Partition
	}
}
