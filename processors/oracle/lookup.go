package oracle

import "parallax/processors/row"

// lookup joins a stream with a table: each row of the stream is joined with the current row
// of the table. A row of the table emits nothing.
type lookup struct {
	*join
	table table
}

func (l *lookup) take(e *event, side int) row.Disposition {
	if side == right {
		key := l.inOrder(e, right)
		if !matches(key, key) {
			return row.Filtered // no row of the stream can have it
		}
		return l.table.put(key, e)
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
		whole := row.AsKeys(key)
		if l.Windowed {
			whole = append(whole, row.NewBigint(e.window.start), row.NewBigint(e.window.end))
		}
		found = l.table.get(whole)
	}
	if found != nil || outer {
		made := l.hand(e, found, key)
		made.time, made.now = e.time, e.now // the joined row has the stream row's time
	}
	return row.Filtered
}

func (l *lookup) pass(int64) {}
