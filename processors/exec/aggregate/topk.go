package aggregate

import (
	"fmt"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// top is the largest values of a group, descending, the earlier one of equal ones
// first.
type top struct {
	entries []ranked
	*topOf
}

// ranked is a value, what is shown for it, and the place that it came from.
type ranked struct {
	value, shown row.Value
	place        int64
}

// topOf says how many there are, and of equal ones only one if distinct. fields are
// those of the STRUCT that is shown where there are further columns.
type topOf struct {
	most     int
	distinct bool
	fields   []string
}

func topAggregate(distinct bool) func(*plan.AggregateCall, bool) tallied {
	return func(c *plan.AggregateCall, _ bool) tallied {
		of := &topOf{most: int(c.Constants[0].Int64()), distinct: distinct}
		if len(c.Args) > 1 {
			for _, f := range c.Type.Elem.Fields {
				of.fields = append(of.fields, f.Name)
			}
		}
		return tallied{
			keeps: fmt.Sprintf("top %+v", *of),
			make:  func() Tally { return &top{topOf: of} },
			result: func(t Tally) (row.Value, expression.Flaw) {
				var values []row.Value
				for _, e := range t.(*top).entries {
					values = append(values, e.shown)
				}
				return row.NewArray(values), expression.Sound
			},
		}
	}
}

// compare orders what comes first.
func (r ranked) compare(o ranked) int {
	if c := row.Compare(o.value, r.value); c != 0 {
		return c
	}
	if r.place < o.place {
		return -1
	}
	return 1
}

func (t *top) add(place int64, values []row.Value) {
	if values[0].IsNull() {
		return
	}
	r := ranked{value: values[0], place: place}
	n := len(t.entries)
	if n == t.most && row.Compare(r.value, t.entries[n-1].value) <= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(t.entries, r, ranked.compare)
	if t.distinct && at > 0 && row.Compare(t.entries[at-1].value, r.value) == 0 {
		return
	}
	r.value = r.value.Clone()
	r.shown = r.value
	if t.fields != nil {
		shown := row.CloneAll(values)
		shown[0] = r.value
		r.shown = row.NewStruct(t.fields, shown)
	}
	if n == t.most {
		t.entries = t.entries[:n-1]
	}
	t.entries = slices.Insert(t.entries, at, r)
}

func (t *top) merge(other Tally) {
	all := slices.Concat(t.entries, other.(*top).entries)
	slices.SortFunc(all, ranked.compare)
	if t.distinct {
		all = slices.CompactFunc(all, func(a, b ranked) bool { return row.Compare(a.value, b.value) == 0 })
	}
	t.entries = all[:min(len(all), t.most)]
}

func (t *top) clone() Tally { return &top{entries: slices.Clone(t.entries), topOf: t.topOf} }
