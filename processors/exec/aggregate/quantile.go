package aggregate

import (
	"cmp"
	"math"
	"slices"

	"parallax/processors/exec/expression"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// quantiles are counts of values by their size: each power of two is cut into 128
// buckets of the same width. A bucket has the least of its values, so that what is
// read from it is a value that there was, less than 1/128 off. Nothing in it
// depends on the order of the values.
type quantiles struct {
	buckets []bucket // ascending
	count   int64
}

type bucket struct {
	of    int32
	count int64
	least float64
}

// fractionBits are the bits of a DOUBLE's fraction that a bucket does not look at.
const fractionBits = 45

// bucketOf numbers buckets in the order of what is in them; NaN is the last.
func bucketOf(f float64) int32 {
	switch {
	case f != f:
		return math.MaxInt32
	case f < 0:
		return -1 - int32(math.Float64bits(-f)>>fractionBits)
	}
	return int32(math.Float64bits(f) >> fractionBits)
}

func median(*plan.AggregateCall, bool) tallied { return quantileOf(0.5) }

func percentile(c *plan.AggregateCall, _ bool) tallied { return quantileOf(c.Constants[0].Float64()) }

func quantileOf(p float64) tallied {
	return tallied{
		keeps: "quantiles",
		make:  func() Tally { return &quantiles{} },
		result: func(t Tally) (row.Value, expression.Flaw) {
			q := t.(*quantiles)
			if q.count == 0 {
				return row.Value{}, expression.IsNull
			}
			return row.NewDouble(q.at(p)), expression.Sound
		},
	}
}

// at is the value at a part of the way from the smallest to the largest, between
// two of them in proportion.
func (q *quantiles) at(p float64) float64 {
	rank := p * float64(q.count-1)
	low := math.Floor(rank)
	part := rank - low
	a := q.ranked(int64(low))
	if part == 0 {
		return a
	}
	b := q.ranked(int64(low) + 1)
	if a == b {
		return a // also if both are infinite
	}
	return a + float64(part*(b-a))
}

// ranked is value number n, from 0.
func (q *quantiles) ranked(n int64) float64 {
	for _, b := range q.buckets {
		if n < b.count {
			return b.least
		}
		n -= b.count
	}
	return q.buckets[len(q.buckets)-1].least
}

func (q *quantiles) add(_ int64, values []row.Value) {
	f := values[0].Float64()
	if f == 0 {
		f = 0 // not -0
	}
	q.count++
	q.take(bucket{bucketOf(f), 1, f})
}

func (q *quantiles) take(b bucket) {
	i, known := slices.BinarySearchFunc(q.buckets, b.of, func(b bucket, of int32) int { return cmp.Compare(b.of, of) })
	if !known {
		q.buckets = slices.Insert(q.buckets, i, b)
		return
	}
	q.buckets[i].count += b.count
	q.buckets[i].least = min(q.buckets[i].least, b.least)
}

func (q *quantiles) merge(other Tally) {
	o := other.(*quantiles)
	q.count += o.count
	for _, b := range o.buckets {
		q.take(b)
	}
}

func (q *quantiles) clone() Tally {
	return &quantiles{buckets: slices.Clone(q.buckets), count: q.count}
}
