package aggregate

import (
	"maps"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// valueSet is the different values of a group and how often each came, in the order
// in which they were first seen. Like a valueList it grows at its end, unless some
// are undone.
type valueSet struct {
	values []row.Value
	counts []int64
	places []int64 // of the first ones, where it is ordered
	// at has the index of each value, by its encoding as a key.
	at      map[string]int
	ordered bool
	// most is how many values are taken; 0: all. Where sets are merged all have to be,
	// since others may turn out to be first.
	most int
	room []byte // for a key
}

// setOf are tallies that are sets.
func setOf(keeps string, ordered bool, most int, result func(*valueSet) (row.Value, expression.Flaw)) tallied {
	if ordered {
		most = 0
	}
	return tallied{
		keeps:  keeps,
		make:   func() Tally { return &valueSet{ordered: ordered, most: most} },
		result: func(t Tally) (row.Value, expression.Flaw) { return result(t.(*valueSet)) },
	}
}

func countDistinct(_ *plan.AggregateCall, ordered bool) tallied {
	set := setOf("set", ordered, 0, func(s *valueSet) (row.Value, expression.Flaw) {
		return row.NewBigint(int64(len(s.values))), expression.Sound
	})
	set.undo = undoCounted
	return set
}

func collectSet(_ *plan.AggregateCall, ordered bool) tallied {
	return setOf("set", ordered, 0, func(s *valueSet) (row.Value, expression.Flaw) {
		return row.NewArray(s.values[:len(s.values):len(s.values)]), expression.Sound
	})
}

// mostInHistogram is how many texts HISTOGRAM counts.
const mostInHistogram = 1000

func histogram(_ *plan.AggregateCall, ordered bool) tallied {
	return setOf("set of the first ones", ordered, mostInHistogram, func(s *valueSet) (row.Value, expression.Flaw) {
		n := min(len(s.values), mostInHistogram)
		keys, counts := make([]string, n), make([]row.Value, n)
		for i := range n {
			keys[i], counts[i] = s.values[i].Str(), row.NewBigint(s.counts[i])
		}
		return row.NewMap(keys, counts), expression.Sound
	})
}

// slot returns the index of a value, after adding it if it is missing; false if the set is
// full.
func (s *valueSet) slot(v row.Value, own func() row.Value, place int64) (int, bool) {
	s.room = row.AppendKey(s.room[:0], v)
	i, known := s.at[string(s.room)]
	switch {
	case known:
		return i, true
	case s.most > 0 && len(s.values) == s.most:
		return 0, false
	case s.at == nil:
		s.at = map[string]int{}
	}
	i = len(s.values)
	s.at[string(s.room)] = i
	s.values, s.counts = append(s.values, own()), append(s.counts, 0)
	if s.ordered {
		s.places = append(s.places, place)
	}
	return i, true
}

func (s *valueSet) add(place int64, values []row.Value) {
	if i, ok := s.slot(values[0], values[0].Clone, place); ok {
		s.counts[i]++
	}
}

func (s *valueSet) merge(other Tally) {
	o := other.(*valueSet)
	both := valueSet{ordered: true}
	for i, j := 0, 0; i < len(s.values) || j < len(o.values); {
		from, k := s, &i
		if i == len(s.values) || j < len(o.values) && o.places[j] < s.places[i] {
			from, k = o, &j
		}
		v := from.values[*k]
		at, _ := both.slot(v, func() row.Value { return v }, from.places[*k])
		both.counts[at] += from.counts[*k]
		*k++
	}
	*s = both
}

func (s *valueSet) clone() Tally {
	c := *s
	c.room = nil // a clone may be another goroutine's
	c.values, c.counts, c.places, c.at = slices.Clone(s.values), slices.Clone(s.counts), slices.Clone(s.places), maps.Clone(s.at)
	return &c
}
