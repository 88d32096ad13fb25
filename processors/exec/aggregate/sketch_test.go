package aggregate

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

func TestAnEstimateOfHowManyIsAFewPerCentOff(t *testing.T) {
	h := &hyperLogLog{}
	const four = 4 * 1.04 / 64 // standard errors
	for n := int64(1); n <= 300_000; n++ {
		h.add(0, []row.Value{row.NewBigint(n)})
		if n < 20 && h.estimate() != n {
			t.Errorf("%d values are taken for %d", n, h.estimate())
		}
		if n%1009 == 0 && math.Abs(float64(h.estimate())/float64(n)-1) > four {
			t.Errorf("%d values are taken for %d", n, h.estimate())
		}
	}
	for n := int64(1); n <= 300_000; n += 7 { // it had them all
		before := h.estimate()
		if h.add(0, []row.Value{row.NewBigint(n)}); h.estimate() != before {
			t.Fatalf("a value that was there changes the estimate from %d to %d", before, h.estimate())
		}
	}
}

func TestRegistersMergeAsIfOneHadSeenAll(t *testing.T) {
	for _, n := range []int64{10, 700, 5000} {
		one, two, all := &hyperLogLog{}, &hyperLogLog{}, &hyperLogLog{}
		for i := range n {
			v := []row.Value{row.NewBigint(i)}
			all.add(0, v)
			if i < n/10 { // few in one, many in the other
				one.add(0, v)
			} else {
				two.add(0, v)
			}
		}
		one.merge(two)
		if one.estimate() != all.estimate() {
			t.Errorf("%d values: %d of two, %d of one", n, one.estimate(), all.estimate())
		}
	}
}

func TestAPercentileIsLessThanAPartOff(t *testing.T) {
	numbers := rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Float64Range(-2, 2), rapid.Float64Range(900, 1100))
	rapid.Check(t, func(t *rapid.T) {
		q := &quantiles{}
		var sorted []float64
		for range rapid.IntRange(1, 60).Draw(t, "values") {
			f := numbers.Draw(t, "value")
			sorted = append(sorted, f)
			q.add(0, []row.Value{row.NewDouble(f)})
		}
		slices.Sort(sorted)
		for i, want := range sorted {
			if got := q.ranked(int64(i)); math.Abs(got-want) > math.Abs(want)/128 || got > want {
				t.Fatalf("value %d is %v, and is read as %v", i, want, got)
			}
		}
	})
}

func TestWholeNumbersAreExactInPercentiles(t *testing.T) {
	q := &quantiles{}
	for n := 255; n >= -255; n-- {
		q.add(0, []row.Value{row.NewDouble(float64(n))})
	}
	for i := range 511 {
		if got := q.at(float64(i) / 510); math.Abs(got-float64(i-255)) > 1e-9 {
			t.Errorf("percentile %d/510 is %v", i, got)
		}
	}
}
