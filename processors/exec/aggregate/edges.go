package aggregate

import (
	"fmt"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// edge is the first or the last values of a group, by input order.
type edge struct {
	values []row.Value
	places []int64
	edgeOf
}

// edgeOf says which values those are: at most so many, the last ones or the first
// ones, with NULLs or without.
type edgeOf struct {
	most  int
	last  bool
	nulls bool
}

// edgeAggregate is EARLIEST and LATEST, which take n and then whether to ignore
// NULLs, each of which may be left out. One value is shown as it is, n as an ARRAY.
func edgeAggregate(last, nulls bool) func(*plan.AggregateCall, bool) tallied {
	return func(c *plan.AggregateCall, _ bool) tallied {
		of := edgeOf{most: 1, last: last, nulls: nulls}
		several := false
		for _, v := range c.Constants {
			if v.Kind() == row.Boolean {
				of.nulls = !v.Bool()
			} else {
				of.most, several = int(v.Int64()), true
			}
		}
		result := func(t Tally) (row.Value, expression.Flaw) { return t.(*edge).only() }
		if several {
			result = func(t Tally) (row.Value, expression.Flaw) { return t.(*edge).array(), expression.Sound }
		}
		return tallied{
			keeps:  fmt.Sprintf("edge %+v", of),
			make:   func() Tally { return &edge{edgeOf: of} },
			result: result,
		}
	}
}

// only is the value where one is kept.
func (e *edge) only() (row.Value, expression.Flaw) {
	if len(e.values) == 0 || e.values[0].IsNull() {
		return row.Value{}, expression.IsNull
	}
	return e.values[0], expression.Sound
}

// array is all of them. The last ones move, so they are copied.
func (e *edge) array() row.Value {
	from := max(0, len(e.values)-e.most)
	return row.NewArray(slices.Clone(e.values[from:]))
}

func (e *edge) add(place int64, values []row.Value) {
	v := values[0]
	switch {
	case v.IsNull() && !e.nulls, !e.last && len(e.values) == e.most:
		return
	case e.most == 1 && len(e.values) == 1:
		if old := e.values[0]; old.Kind() != row.String || v.Kind() != row.String || old.Str() != v.Str() {
			e.values[0] = v.Clone()
		}
		e.places[0] = place
		return
	case len(e.values) >= 2*e.most: // the first half has been left behind
		n := copy(e.values, e.values[len(e.values)-e.most+1:])
		copy(e.places, e.places[len(e.places)-e.most+1:])
		clear(e.values[n:])
		e.values, e.places = e.values[:n], e.places[:n]
	}
	e.values, e.places = append(e.values, v.Clone()), append(e.places, place)
}

func (e *edge) merge(other Tally) {
	o := other.(*edge)
	values, places := mergePlaces(e.values, e.places, o.values, o.places)
	from, to := 0, min(len(values), e.most)
	if e.last {
		from, to = max(0, len(values)-e.most), len(values)
	}
	e.values, e.places = values[from:to], places[from:to]
}

func (e *edge) clone() Tally {
	return &edge{values: slices.Clone(e.values), places: slices.Clone(e.places), edgeOf: e.edgeOf}
}

// mergePlaces brings values of two groups together by their places, which ascend in
// both.
func mergePlaces(a []row.Value, placesA []int64, b []row.Value, placesB []int64) ([]row.Value, []int64) {
	values, places := make([]row.Value, 0, len(a)+len(b)), make([]int64, 0, len(a)+len(b))
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if j == len(b) || i < len(a) && placesA[i] < placesB[j] {
			values, places = append(values, a[i]), append(places, placesA[i])
			i++
		} else {
			values, places = append(values, b[j]), append(places, placesB[j])
			j++
		}
	}
	return values, places
}
