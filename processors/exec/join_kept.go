package exec

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// keptRows are the rows of a join that may still match, by key.
type keptRows struct {
	sides [2]keptSide
	byKey keyTable[joinKey, *joinKey]
	idle  int // keys without rows
	ends  joinEnds
	free  [2][]*joinRow
	// dropped are keys to be used again.
	dropped []*row.Key[joinKey]
	texts   row.Texts
	// closed is scratch: the rows that advance tells of.
	closed []closedRow
}

// keptSide says how long the rows of a side are kept.
type keptSide struct {
	// stay is how far behind the watermark a row may be, in ms.
	stay int64
	// tells says that rows that close without a match are returned, at once.
	tells bool
	// slack is how much later others may be looked for.
	slack int64
	width int // how many values a row has
}

// lingering is how much longer than it has to a join keeps rows that are not
// reported when they close, as a part of how long they stay: so they go many at a time.
const lingering = 16

// joinKey is the state of a key.
type joinKey struct {
	rows [2]joinQueue
	// due are the watermarks at which the sides' rows are looked at next; never where
	// there are none.
	due [2]int64
	// partition is the number of the source topic-partition of the first row since there
	// was none.
	partition int32
	entryMark
}

// closedRow is a row whose window has closed.
type closedRow struct {
	key  *row.Key[joinKey]
	side int
	row  *joinRow
}

func (s *keptRows) keys() int64 { return int64(s.byKey.Len() - s.idle) }

func (s *keptRows) find(hash uint64, tuple []row.Value) *row.Key[joinKey] {
	return s.byKey.Find(hash, tuple)
}

func (s *keptRows) add(hash uint64, tuple []row.Value) *row.Key[joinKey] {
	var k *row.Key[joinKey]
	if n := len(s.dropped); n > 0 {
		k, s.dropped = s.dropped[n-1], s.dropped[:n-1]
	} else {
		k = new(row.Key[joinKey])
	}
	s.byKey.AddAs(k, hash, tuple)
	k.Data.due = [2]int64{never, never}
	s.idle++
	return k
}

// keep keeps a copy of a row.
func (s *keptRows) keep(k *row.Key[joinKey], side int, r *joinRow) {
	own := s.spare(side)
	values := own.values
	*own = *r
	own.values = values
	for i, v := range r.values {
		values[i] = s.texts.Keep(v)
	}
	if k.Data.empty() {
		s.idle--
	}
	k.Data.rows[side].insert(own)
	s.expect(k, side)
}

// expect sees to it that a key is looked at when its first row closes.
func (s *keptRows) expect(k *row.Key[joinKey], side int) {
	of := &s.sides[side]
	due := row.AddTime(k.Data.rows[side].list()[0].time, row.AddTime(of.stay, 1))
	if !of.tells {
		due = row.AddTime(due, of.slack)
	}
	if due < k.Data.due[side] {
		k.Data.due[side] = due
		s.ends.push(joinEnd{due, k, side})
	}
}

// spare is a row to be written to.
func (s *keptRows) spare(side int) *joinRow {
	if n := len(s.free[side]); n > 0 {
		r := s.free[side][n-1]
		s.free[side] = s.free[side][:n-1]
		return r
	}
	return &joinRow{values: make([]row.Value, s.sides[side].width)}
}

// mostSpareRows is how many rows a side keeps for use, and how many keys are.
const mostSpareRows = 1 << 14

func (s *keptRows) over(side int, r *joinRow) {
	if len(s.free[side]) < mostSpareRows {
		clear(r.values)
		s.free[side] = append(s.free[side], r)
	}
}

func (s *keptRows) due() int64 {
	if len(s.ends) == 0 {
		return never
	}
	return s.ends[0].at
}

// advance drops the rows whose windows a watermark closes. If rows without a match are wanted, it
// returns these in order; the caller may use them until release.
func (s *keptRows) advance(watermark int64) []closedRow {
	closed := s.closed[:0]
	for len(s.ends) > 0 && s.ends[0].at <= watermark {
		e := s.ends[0]
		data, of := &e.key.Data, &s.sides[e.side]
		s.ends.pop()
		if e.at != data.due[e.side] {
			continue // an earlier row came, which was looked at before
		}
		s.byKey.touch(e.key)
		data.due[e.side] = never
		rows := &data.rows[e.side]
		for rows.len() > 0 && row.AddTime(rows.list()[0].time, of.stay) < watermark {
			r := rows.pop()
			if of.tells && !r.matched {
				closed = append(closed, closedRow{e.key, e.side, r})
			} else {
				s.over(e.side, r)
			}
		}
		if rows.len() > 0 {
			s.expect(e.key, e.side)
		} else if data.empty() {
			s.idle++
		}
	}
	slices.SortFunc(closed, func(a, b closedRow) int {
		return cmp.Or(
			row.CompareKeys(a.key.Values, b.key.Values), cmp.Compare(a.row.time, b.row.time),
			cmp.Compare(a.row.arrival, b.row.arrival), cmp.Compare(a.side, b.side),
		)
	})
	s.closed = closed
	return closed
}

// release takes back the rows that advance returned.
func (s *keptRows) release(closed []closedRow) {
	for i := range closed {
		s.over(closed[i].side, closed[i].row)
		closed[i] = closedRow{}
	}
	const some = 1024
	if s.idle > s.byKey.Len()-s.idle+some {
		s.byKey.Retain(func(k *row.Key[joinKey]) bool {
			if k.Data.empty() && len(s.dropped) < mostSpareRows {
				s.dropped = append(s.dropped, k)
			}
			return !k.Data.empty()
		})
		s.idle = 0
	}
}

func (d *joinKey) empty() bool { return d.rows[0].len() == 0 && d.rows[1].len() == 0 }
