package exec

import (
	"slices"

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
		make:   func() tally { return &valueList{ordered: ordered} },
		result: func(t tally) (row.Value, flaw) { return t.(*valueList).array(), sound },
	}
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

func (l *valueList) merge(other tally) {
	o := other.(*valueList)
	values, places := make([]row.Value, 0, len(l.values)+len(o.values)), make([]int64, 0, len(l.values)+len(o.values))
	for i, j := 0, 0; i < len(l.values) || j < len(o.values); {
		if j == len(o.values) || i < len(l.values) && l.places[i] < o.places[j] {
			values, places = append(values, l.values[i]), append(places, l.places[i])
			i++
		} else {
			values, places = append(values, o.values[j]), append(places, o.places[j])
			j++
		}
	}
	l.values, l.places = values, places
}

func (l *valueList) clone() tally {
	return &valueList{values: slices.Clip(l.values), places: slices.Clone(l.places), ordered: l.ordered}
}
