package oracle

import "parallax/processors/row"

// lookup joins a stream with a table: with what the table holds when a row comes. A
// row of the table makes nothing.
type lookup struct {
	*join
	table table
}

// table is what a table holds: its rows, by primary key.
type table struct{ rows []*event }

// put sets the row of an event's key, or deletes it, and returns the one before.
func (t *table) put(e *event) (before *event) {
	kept := make([]*event, 0, len(t.rows)+1)
	for _, r := range t.rows {
		if row.CompareKeys(r.key, e.key) == 0 {
			before = r
		} else {
			kept = append(kept, r)
		}
	}
	if !e.null {
		kept = append(kept, e)
	}
	t.rows = kept
	return before
}

// get returns the row of a key, nil where there is none.
func (t *table) get(key []row.Value) *event {
	for _, r := range t.rows {
		if row.CompareKeys(r.key, key) == 0 {
			return r
		}
	}
	return nil
}

func (l *lookup) take(e *event, side int) row.Disposition {
	if side == right {
		l.table.put(e)
		return row.StateOnly
	}
	if e.null {
		return row.Filtered
	}
	key, err := l.key(e, left)
	if err != nil {
		l.out.DeadLetters = append(l.out.DeadLetters, row.DeadLetter{Record: e.record, Reason: err.Error()})
		return row.Failed
	}
	outer, _ := l.Outer()
	var found *event
	if matches(key, key) {
		found = l.table.get([]row.Value{key.AsKey()})
	}
	if found != nil || outer {
		made := l.hand(e, found, key)
		made.time, made.now = e.time, e.now // the table's row is as it is
	}
	return row.Filtered
}

func (l *lookup) pass(int64) {}
