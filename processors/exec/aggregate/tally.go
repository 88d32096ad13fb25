package aggregate

import (
	"fmt"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/exec/form"
	"parallax/processors/exec/frozen"
	"parallax/processors/functions/aggregates"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Tally is the state of an aggregate for one group where its size is not fixed.
type Tally interface {
	// add takes a record's values, whose texts it copies. place is the record's
	// position in the input, which only grows.
	add(place int64, values []row.Value)
	// merge takes in what another one took, as if all had been added by their
	// places. The other is not used again.
	merge(other Tally)
	// clone returns one that goes on from here without this one's knowledge, on
	// another goroutine.
	clone() Tally
	// appendForm appends the tally's canonical form, and readForm reads it into one that
	// has taken nothing. readForm reports whether there is anything in it.
	appendForm(dst []byte, t *tallying) []byte
	readForm(r *form.Reader, t *tallying) bool
}

// tallied is an aggregate that keeps tallies.
type tallied struct {
	// keeps says what they hold: aggregates that keep the same of the same share it.
	keeps string
	make  func() Tally
	// result returns the result of a tally, which it must not modify. Later changes of the tally must
	// not change the returned value.
	result func(Tally) (row.Value, expression.Flaw)
	// undo removes a record from an ordered tally, by the place and the values with which it was added:
	// the tally is then as if the record had never been added. Emitted rows do not change. undo is nil
	// if a record cannot be removed exactly.
	undo func(own Tally, place int64, values []row.Value)
}

// talliedAggregates are the aggregates of no fixed size. ordered says that tallies
// will be merged; else places need not be kept.
var talliedAggregates = map[aggregates.Name]func(c *plan.AggregateCall, ordered bool) tallied{
	aggregates.CountDistinct: countDistinct, aggregates.ApproxCountDistinct: approxCountDistinct,
	aggregates.Median: median, aggregates.Percentile: percentile, aggregates.Correlation: correlationOf,
	aggregates.EarliestByOffset: edgeAggregate(false, false), aggregates.LatestByOffset: edgeAggregate(true, false),
	aggregates.FirstValueOf: edgeAggregate(false, true), aggregates.LastValueOf: edgeAggregate(true, true),
	aggregates.CollectList: collectList, aggregates.CollectSet: collectSet, aggregates.Histogram: histogram, aggregates.StringAgg: stringAgg,
	aggregates.TopK: topAggregate(false), aggregates.TopKDistinct: topAggregate(true),
}

// tallying are the tallies of an aggregate's groups, by number.
type tallying struct {
	tallied
	Inputs    []int      // the indexes of the record's values that it reads
	types     []row.Type // of its values
	takesNull bool
	// ordered and undone are the layout's.
	ordered, undone bool
	Values          []row.Value // of the record that acts
	slots           slots
	free            []uint32
	none            Tally // of a group that has taken nothing
	// views has no views of tallies of groups that are copied whole before they are
	// modified. view is the one that a frozen layout reads.
	views frozen.Views[uint32, Tally]
	view  *frozen.View[uint32, Tally]
}

func newTallying(c *plan.AggregateCall, ordered, undone bool) (*tallying, error) {
	compile, ok := talliedAggregates[c.Func]
	if !ok {
		return nil, fmt.Errorf("aggregate %s is not implemented", c.Func)
	}
	t := &tallying{
		tallied: compile(c, ordered), Inputs: make([]int, len(c.Args)), Values: make([]row.Value, len(c.Args)),
		takesNull: aggregates.Lookup(string(c.Func)).TakesNull, ordered: ordered, undone: undone,
	}
	for _, e := range c.Args {
		t.types = append(t.types, e.Type())
	}
	t.none = t.make()
	return t, nil
}

func (t *tallying) same(o *tallying) bool {
	return t == nil && o == nil || t != nil && o != nil && t.keeps == o.keeps && t.takesNull == o.takesNull && slices.Equal(t.Inputs, o.Inputs)
}

// isUndone reports whether records are taken away from tallies again.
func (t *tallying) isUndone() bool { return t.undone && t.undo != nil }

// of is the tally of a group's word, to be read only.
func (t *tallying) of(word uint64) Tally {
	if word == 0 {
		return t.none
	}
	return *t.slots.of(uint32(word - 1))
}

// own is the tally of a group's word, which is not 0, to be modified.
func (t *tallying) own(word uint64) Tally {
	t.touch(uint32(word - 1))
	return *t.slots.of(uint32(word - 1))
}

// touch copies a tally for those that read a frozen layout, if there are any.
func (t *tallying) touch(at uint32) {
	if t.views.IsOpen() {
		t.views.Save(t.slots.mark(at), at)
	}
}

// copyOf copies the tally of a group's word, which is not 0.
func (t *tallying) copyOf(word uint64) Tally {
	at := uint32(word - 1)
	if t.view != nil {
		return t.view.Read(t.slots.mark(at), at)
	}
	return (*t.slots.of(at)).clone()
}

// put keeps a tally, and returns a group's word for it.
func (t *tallying) put(own Tally) uint64 {
	var at uint32
	if n := len(t.free); n > 0 {
		at = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		at = t.slots.add()
	}
	t.views.Added(t.slots.mark(at))
	*t.slots.of(at) = own
	return uint64(at) + 1
}

// Take adds the record's values to a group.
func (t *tallying) Take(word *uint64, place int64) {
	if !t.takesNull && slices.ContainsFunc(t.Values, row.Value.IsNull) {
		return
	}
	if *word == 0 {
		*word = t.put(t.make())
	}
	t.own(*word).add(place, t.Values)
}

// TakeOf adds to a group those of a record's inputs that the aggregate reads.
func (t *tallying) TakeOf(inputs []row.Value, word *uint64, place int64) {
	for i, in := range t.Inputs {
		t.Values[i] = inputs[in]
	}
	t.Take(word, place)
}

// TakeBack removes values from a group to which they were added at a place.
func (t *tallying) TakeBack(word uint64, place int64) {
	if t.takesNull || !slices.ContainsFunc(t.Values, row.Value.IsNull) {
		t.undo(t.own(word), place, t.Values)
	}
}

// merge takes into a group what another one has, and has no more after it.
func (t *tallying) merge(into, from *uint64) {
	switch {
	case *from == 0:
	case *into == 0:
		*into, *from = *from, 0
	default:
		t.own(*into).merge(t.own(*from))
		t.Release(from)
	}
}

// Release drops a group's tally.
func (t *tallying) Release(word *uint64) {
	if *word != 0 {
		at := uint32(*word - 1)
		t.touch(at)
		*t.slots.of(at) = nil
		t.free = append(t.free, at)
		*word = 0
	}
}

// ofTally is the result of what a group keeps apart.
func ofTally(a *Result, s *Group, v *row.Value) expression.Flaw {
	var bad expression.Flaw
	*v, bad = a.ofTally(a.Tally.of(s.Words[a.At]))
	return bad
}
