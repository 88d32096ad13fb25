package aggregate

import (
	"cmp"
	"math"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// correlation goes through the means so far, in input order, as the variance of
// DOUBLEs does.
type correlation struct {
	n            float64
	meanX, meanY float64
	xx, yy, xy   float64 // of what is off the means
	pairs        []pair  // where it is ordered
	ordered      bool
}

// pair is a pair of added values with its place.
type pair struct {
	place int64
	x, y  float64
}

func correlationOf(_ *plan.AggregateCall, ordered bool) tallied {
	return tallied{
		keeps: "correlation",
		make:  func() Tally { return &correlation{ordered: ordered} },
		result: func(t Tally) (row.Value, expression.Flaw) {
			return row.NewDouble(t.(*correlation).coefficient()), expression.Sound
		},
		undo: undoPair,
	}
}

func (c *correlation) add(place int64, values []row.Value) {
	p := pair{place, values[0].Float64(), values[1].Float64()}
	if c.ordered {
		c.pairs = append(c.pairs, p)
	}
	c.take(p.x, p.y)
}

// take adds a pair. No product is fused with a sum: the result would depend on the
// machine.
func (c *correlation) take(x, y float64) {
	c.n++
	offX, offY := x-c.meanX, y-c.meanY
	c.meanX += offX / c.n
	c.meanY += offY / c.n
	c.xx += float64(offX * (x - c.meanX))
	c.yy += float64(offY * (y - c.meanY))
	c.xy += float64(offX * (y - c.meanY))
}

// coefficient is NaN where there are fewer than two pairs, or all are the same on
// one side. Two pairs lie on a line.
func (c *correlation) coefficient() float64 {
	switch {
	case !(c.xx > 0 && c.yy > 0):
		return math.NaN()
	case c.n == 2:
		return math.Copysign(1, c.xy)
	}
	return max(-1, min(1, c.xy/(math.Sqrt(c.xx)*math.Sqrt(c.yy))))
}

func (c *correlation) merge(other Tally) {
	all := slices.Concat(c.pairs, other.(*correlation).pairs)
	slices.SortFunc(all, func(a, b pair) int { return cmp.Compare(a.place, b.place) })
	c.again(all)
}

// again makes it anew of pairs in order.
func (c *correlation) again(all []pair) {
	*c = correlation{ordered: true, pairs: all}
	for _, p := range all {
		c.take(p.x, p.y)
	}
}

func (c *correlation) clone() Tally {
	own := *c
	own.pairs = slices.Clone(c.pairs)
	return &own
}
