package exec

import (
	"iter"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// tableJoin joins the rows of a stream with those that a table has when they come,
// or two tables by their keys. What it keeps of a key are the table's row, or both
// tables' and whether the joined one is shown; of windowed rows a key is one in a
// window, and is kept until that is settled on both sides. Else time does nothing to it.
type tableJoin struct {
	joinSides
	// tables says which sides are tables: the right one always is.
	tables [2]bool
	query  uint16

	made  joinedRows
	byKey windowTable[joinedKey, *joinedKey]
	mine  joinRow // scratch: of a stream
}

// joinedKey is the state of a key.
type joinedKey struct {
	rows      [2]*joinRow
	shown     bool
	partition int32 // number of the source topic-partition
	placed
	entryMark
}

func newTableJoin(q *plan.Query, opt Options) (*tableJoin, error) {
	def := &q.Joins[0]
	j := &tableJoin{joinSides: joinSides{opt: opt}, tables: def.Tables, query: uint16(q.Index)}
	if err := j.compile(q); err != nil {
		return nil, err
	}
	j.byKey.windowed = j.windowed
	j.made.ofLeft = !def.Tables[plan.LeftSide]
	return j, j.made.compile(q, def.Row)
}

func (j *tableJoin) begin(b *row.Batch, out *Result) {
	j.joinSides.begin(b, out)
	j.made.begin(out)
}

func (j *tableJoin) end()                      { j.made.flush() }
func (j *tableJoin) keys() int64               { return int64(j.byKey.Len()) }
func (j *tableJoin) nextClose() int64          { return never }
func (j *tableJoin) advance(int, int64, int64) {}
func (j *tableJoin) expire(settled int64)      { j.byKey.expire(settled) }

func (j *tableJoin) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	own, s := j.at(i)
	rec := s.env.Record
	if !j.tables[own] && rec.State == row.NullValue {
		return row.Filtered
	}
	hash, joins, d, ok := j.evaluate(s, i, hash, hashed)
	if !ok {
		return d
	}
	k := j.byKey.Find(hash, j.tuple)
	at := joinPlace{position: position, phase: 1, cause: int32(i)}
	j.made.group++
	if !j.tables[own] {
		return j.lookUp(k, joins, at)
	}
	if k == nil {
		if rec.State == row.NullValue {
			return row.Filtered // there is nothing to delete
		}
		k = j.byKey.Add(hash, j.tuple)
		k.Data.partition = homeOf(rec)
	}
	return j.change(k, own, joins, at)
}

// lookUp lets a stream's row out with the table's of its key, or alone. It comes
// out with what others made of the batch.
func (j *tableJoin) lookUp(k *row.Key[joinedKey], joins bool, at joinPlace) row.Disposition {
	s, mine := &j.sides[plan.LeftSide], &j.mine
	mine.time, mine.now = s.env.Record.EventTime, s.rowNow()
	pair := [2]*joinRow{mine, nil}
	if k != nil && joins {
		pair[plan.RightSide] = k.Data.rows[plan.RightSide]
	}
	if pair[plan.RightSide] == nil && !s.outer {
		return row.Filtered
	}
	s.read(mine)
	j.made.add(j.tuple, pair, at)
	return row.Filtered // unless it comes out
}

// change sets or deletes a table's row. What is joined of it, if anything, comes out
// anew; what is no more, or WHERE does not let out any more, is deleted if it was
// shown. A key that equals nothing, itself included, has rows of one side only.
func (j *tableJoin) change(k *row.Key[joinedKey], own int, joins bool, at joinPlace) row.Disposition {
	s, d := &j.sides[own], &k.Data
	rec := s.env.Record
	before := d.rows[own]
	j.byKey.touch(k)
	switch {
	case rec.State != row.NullValue:
		fresh := &joinRow{time: rec.EventTime, now: s.rowNow()}
		s.read(fresh)
		fresh.values = row.CloneAll(fresh.values)
		d.rows[own] = fresh
	case before == nil:
		return row.Filtered
	default:
		d.rows[own] = nil
	}
	if !j.tables[plan.LeftSide] {
		if d.rows[own] == nil {
			j.byKey.Delete(k)
		}
		return row.StateOnly
	}
	pair := d.rows
	if !joins {
		pair[1-own] = nil
	}
	time := rec.EventTime
	if other := pair[1-own]; other != nil {
		time = max(time, other.time)
	}
	exists := pair[0] != nil && pair[1] != nil
	for side, r := range pair {
		exists = exists || r != nil && j.sides[side].outer
	}
	was, comes := d.shown, false
	if exists {
		j.made.least = rec.Now // also where a row has only gone
		comes = j.made.show(k.Values, pair, time, at)
	}
	d.shown = comes
	if !comes && was {
		c := j.out.change()
		*c = row.Change{
			Position: at.position, Phase: at.phase, Query: j.query, Cause: at.cause, Timestamp: time,
			Key: j.out.values.take(j.width),
		}
		copy(c.Key, k.Values)
		if j.windowed {
			c.WindowStart, c.WindowEnd = k.Values[j.width].Int64(), k.Values[j.width+1].Int64()
		}
	}
	if d.rows[0] == nil && d.rows[1] == nil {
		j.byKey.Delete(k)
	}
	if comes || was {
		return row.Output
	}
	return row.StateOnly
}

// tableJoinEntry is a key outside an engine. Rows are not written to.
type tableJoinEntry struct {
	key   []row.Value
	rows  [2]*joinRow
	shown bool
}

// snapshot lists all keys, in order, under the hash that V2 splits by.
func (j *tableJoin) snapshot() []state.Entry { return j.byKey.inOrder(j.entries) }

func (j *tableJoin) freeze() iter.Seq[state.Entry] { return j.byKey.freeze(j.entries) }

func (j *tableJoin) entries(entries []state.Entry, k *row.Key[joinedKey]) []state.Entry {
	saved := tableJoinEntry{k.Values, k.Data.rows, k.Data.shown}
	return append(entries, state.Entry{Hash: row.Hash(k.Values[:j.width]), Partition: k.Data.partition, State: saved})
}

func (j *tableJoin) restore(entries []state.Entry) {
	j.byKey = windowTable[joinedKey, *joinedKey]{windowed: j.windowed}
	for _, e := range entries {
		saved := e.State.(tableJoinEntry)
		k := j.byKey.Add(row.Hash(saved.key), saved.key)
		k.Data.rows, k.Data.shown, k.Data.partition = saved.rows, saved.shown, e.Partition
	}
}
