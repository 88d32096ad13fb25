package emission

import (
	"slices"

	"parallax/processors/row"
	"parallax/shadow/stage"
)

// Substitution puts V2's rows in the places of V1's.
type Substitution struct {
	Sinks  []*row.Sink
	Choice Choice
}

// Rows returns what a stage emits of a batch that was compared and may be emitted, and how many
// of the rows are V2's. Of each key that is V2's, its i-th row takes the place of V1's i-th in the
// total order, with V2's own values. isSame: both sides have equal rows in the same order. It keeps
// nothing of V2's memory.
func (s *Substitution) Rows(at stage.Stage, v1, v2 []row.Change, isSame bool) (rows []row.Change, ofV2 int64) {
	switch {
	case isSame:
		for i := range v1 {
			if s.Choice.isOfV2(at, &v1[i]) {
				ofV2++
			}
		}
		return v1, ofV2 // equal rows: those of V1 are as good
	case areInStep(v1, v2):
		for i := range v1 {
			if s.Choice.isOfV2(at, &v1[i]) {
				rows, ofV2 = s.put(rows, v1, i, &v2[i], ofV2)
			}
		}
	default:
		return s.byKey(at, v1, v2)
	}
	if rows == nil {
		rows = v1
	}
	return rows, ofV2
}

// areInStep reports whether both sides have rows of the same keys in the same order.
func areInStep(v1, v2 []row.Change) bool {
	if len(v1) != len(v2) {
		return false
	}
	for i := range v1 {
		if v1[i].Query != v2[i].Query || !row.EqualValues(v1[i].Key, v2[i].Key) {
			return false
		}
	}
	return true
}

// put puts a row of V2 in the place of V1's row i. The first one that differs makes rows a copy of
// V1's. A row that its sink could not write stays V1's.
func (s *Substitution) put(rows, v1 []row.Change, i int, two *row.Change, ofV2 int64) ([]row.Change, int64) {
	one := &v1[i]
	if row.EqualRow(one, two) {
		return rows, ofV2 + 1
	}
	if !isWritable(s.Sinks[one.Query], two) {
		return rows, ofV2
	}
	if rows == nil {
		rows = slices.Clone(v1)
	}
	c := &rows[i] // V1's place and key: what is written of the key is kept with V1's
	c.Values, c.Timestamp, c.WindowStart, c.WindowEnd = row.CloneAll(two.Values), two.Timestamp, two.WindowStart, two.WindowEnd
	return rows, ofV2 + 1
}

// byKey is Rows for sides whose rows are of other keys or in another order.
func (s *Substitution) byKey(at stage.Stage, v1, v2 []row.Change) (rows []row.Change, ofV2 int64) {
	type places struct{ one, two []int }
	keys := map[string]*places{}
	var order []*places
	var text []byte
	of := func(c *row.Change) *places {
		text = row.AppendKey(append(text[:0], byte(c.Query), byte(c.Query>>8)), c.Key...)
		p := keys[string(text)]
		if p == nil {
			p = &places{}
			keys[string(text)] = p
			order = append(order, p)
		}
		return p
	}
	for i := range v1 {
		p := of(&v1[i])
		p.one = append(p.one, i)
	}
	for i := range v2 {
		p := of(&v2[i])
		p.two = append(p.two, i)
	}
	var dropped map[int]bool
	var added []row.Change
	for _, p := range order {
		var any *row.Change
		if len(p.one) > 0 {
			any = &v1[p.one[0]]
		} else {
			own := v2[p.two[0]]
			own.Written = nil // which V2 could modify
			any = &own
		}
		switch {
		case !s.Choice.isOfV2(at, any):
		case len(p.one) == len(p.two):
			for n, i := range p.one {
				rows, ofV2 = s.put(rows, v1, i, &v2[p.two[n]], ofV2)
			}
		case s.areWritable(v2, p.two): // an accepted difference in how many rows there are
			for _, i := range p.one {
				if dropped == nil {
					dropped = map[int]bool{}
				}
				dropped[i] = true
			}
			for _, i := range p.two {
				added = append(added, ownRow(&v2[i]))
			}
			ofV2 += int64(len(p.two))
		}
	}
	if rows == nil {
		rows = v1
	}
	if len(dropped)+len(added) == 0 {
		return rows, ofV2
	}
	left := make([]row.Change, 0, len(rows)+len(added))
	for i := range rows {
		if !dropped[i] {
			left = append(left, rows[i])
		}
	}
	left = append(left, added...)
	slices.SortStableFunc(left, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
	return left, ofV2
}

// ownRow returns a copy of a row of V2 that shares no memory with it.
func ownRow(two *row.Change) row.Change {
	c := *two
	c.Key, c.Values, c.Written, c.Partition = row.CloneAll(two.Key), row.CloneAll(two.Values), nil, 0
	return c
}

func (s *Substitution) areWritable(rows []row.Change, list []int) bool {
	for _, i := range list {
		if !isWritable(s.Sinks[rows[i].Query], &rows[i]) {
			return false
		}
	}
	return true
}

// isWritable reports whether the sink can write a row of V2. A rule may tolerate any value, also
// one that is not of its column's type.
func isWritable(sink *row.Sink, two *row.Change) bool {
	if two.Deleted() {
		return true
	}
	if len(two.Values) != len(sink.Values) {
		return false
	}
	for i, v := range two.Values {
		if !isOfType(v, sink.Values[i].Type) {
			return false
		}
	}
	_, err := sink.TimeOf(two)
	return err == nil
}

func isOfType(v row.Value, t row.Type) bool {
	switch {
	case v.Kind() == row.Null:
		return true
	case v.Kind() != t.Kind:
		return false
	}
	switch t.Kind {
	case row.Array, row.Map:
		if t.Elem == nil {
			return false
		}
		for _, e := range v.Elements() {
			if !isOfType(e, *t.Elem) {
				return false
			}
		}
	case row.Struct:
		elements := v.Elements()
		if len(elements) != len(t.Fields) {
			return false
		}
		for i, e := range elements {
			if !isOfType(e, t.Fields[i].Type) {
				return false
			}
		}
	}
	return true
}
