package aggregate

import (
	"slices"
	"strings"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// valueList is values in input order. It grows at its end only: rows that went out
// go on showing the part that was there.
type valueList struct {
	values  []row.Value
	places  []int64 // where it is ordered
	ordered bool
}

func collectList(_ *plan.AggregateCall, ordered bool) tallied {
	return tallied{
		keeps:  "values",
		make:   func() Tally { return &valueList{ordered: ordered} },
		result: func(t Tally) (row.Value, expression.Flaw) { return t.(*valueList).array(), expression.Sound },
		undo:   undoListed,
	}
}

// stringAgg joins texts.
func stringAgg(c *plan.AggregateCall, ordered bool) tallied {
	separator := c.Constants[0].Str()
	list := collectList(c, ordered)
	list.result = func(t Tally) (row.Value, expression.Flaw) { return t.(*valueList).joined(separator) }
	return list
}

// joined is the texts one after the other, NULL of none.
func (l *valueList) joined(separator string) (row.Value, expression.Flaw) {
	if len(l.values) == 0 {
		return row.Value{}, expression.IsNull
	}
	var b strings.Builder
	for i, v := range l.values {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(v.Str())
	}
	return row.NewString(b.String()), expression.Sound
}

// array is the values as an ARRAY.
func (l *valueList) array() row.Value {
	return row.NewArray(l.values[:len(l.values):len(l.values)])
}

func (l *valueList) add(place int64, values []row.Value) {
	l.values = append(l.values, values[0].Clone())
	if l.ordered {
		l.places = append(l.places, place)
	}
}

func (l *valueList) merge(other Tally) {
	o := other.(*valueList)
	l.values, l.places = mergePlaces(l.values, l.places, o.values, o.places)
}

func (l *valueList) clone() Tally {
	return &valueList{values: slices.Clip(l.values), places: slices.Clone(l.places), ordered: l.ordered}
}
