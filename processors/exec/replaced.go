package exec

import (
	"iter"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// replaced is the first stage of an aggregation over a table: it knows the group and
// the arguments of each of the table's rows, and hands each change on together with
// what it replaces. A row that moves is a change of its old group, and then one of
// its new one. A row in a window is known until that is settled: what it gave to its
// group stays there. Else time does nothing to it.
type replaced struct {
	p       *projection
	primary primary
	groups  int // of the items, those that are the group
	rows    windowTable[tableRow, *tableRow]
}

// tableRow is a row of a table: its items, and the place of its last change.
type tableRow struct {
	items     []row.Value
	since     int64
	partition int32 // number of the source topic-partition
	placed
	entryMark
}

func newReplaced(q *plan.Query, opt Options) (*replaced, error) {
	p, err := newProjection(q, opt)
	r := &replaced{p: p, primary: primaryOf(q), groups: q.Retain.Groups}
	r.rows.windowed = r.primary.windowed
	return r, err
}

func (r *replaced) begin(b *row.Batch, out *Result) { r.p.begin(b, out) }
func (r *replaced) nextClose() int64                { return never }
func (r *replaced) advance(int, int64, int64)       {}
func (r *replaced) expire(settled int64)            { r.rows.expire(settled) }
func (r *replaced) keys() int64                     { return int64(r.rows.Len()) }

func (r *replaced) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	items, is, dropped := r.p.look(i)
	if dropped != row.DispositionNone {
		return dropped
	}
	tuple, hash := r.primary.of(&r.p.env, hash, hashed)
	k := r.rows.Find(hash, tuple)
	if !is && k == nil {
		return row.Filtered
	}
	at := row.Change{
		Position: position, Phase: 1, Step: 1, Query: r.p.query, Cause: int32(i), Timestamp: r.p.env.Record.EventTime,
	}
	fresh := tableRow{items: items, since: position}
	if k == nil {
		r.change(at, items[:r.groups], &fresh, nil)
		k = r.rows.Add(hash, tuple)
		k.Data.items, k.Data.since, k.Data.partition = row.CloneAll(items), position, homeOf(r.p.env.Record)
		return row.Output
	}
	old := tableRow{items: k.Data.items, since: k.Data.since}
	if is && sameKey(items[:r.groups], old.items[:r.groups]) {
		r.change(at, items[:r.groups], &fresh, &old)
	} else {
		left := at
		left.Step = 0
		r.change(left, old.items[:r.groups], nil, &old)
		if is {
			r.change(at, items[:r.groups], &fresh, nil)
		}
	}
	if is {
		r.rows.touch(k)
		k.Data.items, k.Data.since = row.CloneAll(items), position
	} else {
		r.rows.Delete(k)
	}
	return row.Output
}

// sameKey reports whether two tuples are one key.
func sameKey(a, b []row.Value) bool { return row.EqualValues(row.AsKeys(a), row.AsKeys(b)) }

// change passes on a change of a group: fresh is the new row and old the previous one; one of them is
// nil if there is no such row. A row may have no items.
func (r *replaced) change(c row.Change, group []row.Value, fresh, old *tableRow) {
	args := len(r.p.items) - r.groups
	c.Values = r.p.out.values.take(r.groups + 2*args + 2)
	clear(c.Values)
	copy(c.Values, group)
	at := r.groups
	if fresh != nil {
		copy(c.Values[at:], fresh.items[r.groups:])
		c.Values[at+2*args] = row.NewBigint(fresh.since)
	}
	if old != nil {
		copy(c.Values[at+args:], old.items[r.groups:])
		c.Values[at+2*args+1] = row.NewBigint(old.since)
	}
	c.Key = c.Values[:r.groups:r.groups]
	r.p.out.Changes = append(r.p.out.Changes, c)
}

// replacedEntry is a row outside an engine.
type replacedEntry struct {
	key, items []row.Value
	since      int64
}

// snapshot lists all rows, in order.
func (r *replaced) snapshot() []state.Entry { return r.rows.inOrder(r.entries) }

func (r *replaced) freeze() iter.Seq[state.Entry] { return r.rows.freeze(r.entries) }

// entries lists a row, whose items are not written to.
func (r *replaced) entries(entries []state.Entry, k *row.Key[tableRow]) []state.Entry {
	return append(entries, state.Entry{
		Hash: r.primary.splitHash(k.Values), Partition: k.Data.partition,
		State: replacedEntry{k.Values, k.Data.items, k.Data.since},
	})
}

func (r *replaced) restore(entries []state.Entry) {
	r.rows = windowTable[tableRow, *tableRow]{windowed: r.primary.windowed}
	for _, e := range entries {
		saved := e.State.(replacedEntry)
		k := r.rows.Add(row.Hash(saved.key), saved.key)
		k.Data.items, k.Data.since, k.Data.partition = saved.items, saved.since, e.Partition
	}
}
