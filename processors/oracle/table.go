package oracle

import "parallax/processors/row"

// table maps primary keys to a table's rows.
type table map[string]*event

func (t table) get(key []row.Value) *event { return t[placeOf(0, key)] }

// put sets or deletes a key's row and returns the disposition. A deletion of a row that
// does not exist is Filtered.
func (t table) put(key []row.Value, e *event) row.Disposition {
	name := placeOf(0, key)
	switch {
	case !e.null:
		t[name] = e
	case t[name] == nil:
		return row.Filtered
	default:
		delete(t, name)
	}
	return row.StateOnly
}

// entry is a table's row as an element of a group.
type entry struct {
	key []row.Value
	taken
}

// ofTables reports whether the query reads tables.
func (q *query) ofTables() bool {
	for _, in := range q.From {
		if !in.Rows.Table {
			return false
		}
	}
	return true
}

// change sets a table's row to an event. The row exists if the event has a value that
// fulfils WHERE.
func (q *query) change(in scope) row.Disposition {
	there := !in.event.null
	if there && q.Where != nil {
		v, err := in.eval(q.Where)
		if err != nil {
			q.out.ExpressionErrors++
			if q.opt.ErrorsToDeadLetter {
				return q.dead(in.event, err)
			}
		}
		there = err == nil && v.Bool()
	}
	if q.Aggregation != nil {
		return q.regroup(in, there)
	}
	if !there {
		if q.projected.get(in.event.key) == nil {
			return row.Filtered
		}
		delete(q.projected, placeOf(0, in.event.key))
		c := row.Change{Timestamp: in.event.time}
		c.Key, _ = q.rowKey(in)
		q.emitIn(in.event, c)
		return row.Output
	}
	values, err := q.values(in, q.Items)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	q.projected.put(in.event.key, in.event)
	c := row.Change{Step: 1, Timestamp: in.event.time, Values: values}
	c.Key, _ = q.rowKey(in)
	q.emitIn(in.event, c)
	return row.Output
}

// emitIn emits a row in the window of the source's row, if that has one.
func (q *query) emitIn(e *event, c row.Change) {
	if q.Sink.Windowed {
		c.WindowStart, c.WindowEnd = e.window.start, e.window.end
	}
	q.emit(c)
}

// regroup removes the old row from its group and adds the new one to its group; the group
// that is left emits first, if it is another one.
func (q *query) regroup(in scope, there bool) row.Disposition {
	name := placeOf(0, in.event.key)
	before := q.entries[name]
	var now *entry
	if there {
		key, args, err := q.read(in)
		if err != nil {
			q.out.ExpressionErrors++
			return q.dead(in.event, err)
		}
		now = &entry{key, taken{q.arrivals, in.event.time, args}}
	}
	if before == nil && now == nil {
		return row.Filtered
	}
	shown := false
	if before != nil {
		g := q.find(span{}, before.key)
		g.leave(before.arrival, in.event.time)
		delete(q.entries, name)
		if now == nil || row.CompareKeys(before.key, now.key) != 0 {
			shown = q.moved(g, 0)
		}
	}
	if now != nil {
		g := q.find(span{}, now.key)
		g.rows = append(g.rows, now.taken)
		q.entries[name] = now
		shown = q.moved(g, 1) || shown
	}
	if shown {
		return row.Output
	}
	return row.StateOnly
}

// leave removes a row from a group. The group's time does not go back.
func (g *group) leave(arrival, at int64) {
	var rest []taken
	for _, r := range g.rows {
		if r.arrival == arrival {
			g.past = append(g.past, r, taken{time: at})
		} else {
			rest = append(rest, r)
		}
	}
	g.rows = rest
}

// moved emits the changed row of a group of a table's rows, in a step, and reports whether
// a reader sees a change. A group without rows does not exist.
func (q *query) moved(g *group, step uint8) (seen bool) {
	seen = g.shown
	switch {
	case q.final():
	case len(g.rows) == 0:
		q.retract(g)
	default:
		q.showIn(g, step)
	}
	seen = seen || g.shown
	if len(g.rows) == 0 {
		q.forget(g)
	}
	return seen
}
