package evidence

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// roundTrip writes a value as JSON and reads it again.
func roundTrip[T any](t *testing.T, v T) (read T) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// TestKeysOfSeveralSetsAreCountedOnce: exactly up to MostExactKeys, then within 3 %, and the
// lower end is below the number.
func TestKeysOfSeveralSetsAreCountedOnce(t *testing.T) {
	for _, n := range []uint64{0, 1, 5_000, MostExactKeys, MostExactKeys + 1, 30_000, 60_000, 300_000} {
		var parts [3]Keys
		for i := range n {
			parts[i%3].Add(i)
			parts[(i+1)%3].Add(i) // each key is in two of them
		}
		var all Keys
		for _, p := range parts {
			all.Merge(roundTrip(t, p))
		}
		all = roundTrip(t, all)
		switch isExact := n <= MostExactKeys; {
		case all.IsExact() != isExact:
			t.Errorf("%d keys are exact: %v", n, all.IsExact())
		case isExact && all.Count() != float64(n), math.Abs(all.Count()-float64(n)) > 0.03*float64(n):
			t.Errorf("%d keys are counted as %.0f", n, all.Count())
		case all.AtLeast() > int64(n) || float64(all.AtLeast()) < 0.94*float64(n):
			t.Errorf("%d keys are at least %d", n, all.AtLeast())
		}
	}
	for _, text := range []string{"", "?", "x!", "hAAAA", "x/////////////w"} {
		if err := new(Keys).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as keys", text)
		}
	}
}

// TestQuantilesOfTimesAreThoseOfAllTimes, within 0.5 % of the rank, however the times are cut.
func TestQuantilesOfTimesAreThoseOfAllTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, spans := range []int{1, 7, 300} {
		var all []int64
		var sum Times
		for range spans {
			var part Times
			for range 2_000 {
				at := int64(rng.ExpFloat64() * 1e6)
				all = append(all, at)
				part.Add(TimePoint{at, 1})
			}
			sum.Merge(roundTrip(t, part))
		}
		slices.Sort(all)
		at := func(q float64) int64 { return all[int(q*float64(len(all)))] }
		if sum.Count() != int64(len(all)) {
			t.Errorf("%d spans: %d times, want %d", spans, sum.Count(), len(all))
		}
		if got := sum.Span(0.01); got < at(0.985)-at(0.015) || got > at(0.995)-at(0.005) {
			t.Errorf("%d spans: from 1 %% to 99 %% are %d ms, want about %d", spans, got, at(0.99)-at(0.01))
		}
	}
}

// TestTheIntervalOfARatioIsThatOfTheBatches: spans of different lengths have the weight of their
// batches.
func TestTheIntervalOfARatioIsThatOfTheBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var whole, sum Speed
	for _, batches := range []int{5, 3000, 40, 900, 1, 2000} {
		var part Speed
		for range batches {
			v1, v2 := int64(1e6*(1+rng.ExpFloat64())), int64(2e6*(1+rng.ExpFloat64()))
			for _, s := range []*Speed{&whole, &part} {
				s.Add(100, [2]int{50, 50}, [2]int64{v1, v2}, [2]int64{}, false)
			}
		}
		if len(part.Blocks) > 2*storedBlocks {
			t.Errorf("%d blocks of %d batches", len(part.Blocks), batches)
		}
		sum.Merge(roundTrip(t, part))
	}
	got, want := sum.ratio(""), whole.ratio("")
	if got.Value != want.Value || got.Batches != want.Batches || math.Abs(float64(got.Median-want.Median)) > 0.02*float64(want.Median) {
		t.Errorf("the ratio is %+v, want %+v", got, want)
	}
	width := func(r Ratio) float64 { return r.CI95[1] - r.CI95[0] }
	if !got.CI95.IsKnown() || width(got) < width(want)/2 || width(got) > 2*width(want) {
		t.Errorf("the interval is %v, want about %v", got.CI95, want.CI95)
	}
}

// TestAHistogramAddsUp: a quantile is within the width of a bucket.
func TestAHistogramAddsUp(t *testing.T) {
	var sum Histogram
	for part := range 10 {
		var h Histogram
		for i := part; i < 10_000; i += 10 {
			h.Add(float64(i + 1))
		}
		sum.Merge(roundTrip(t, h))
	}
	for _, q := range []float64{0.01, 0.5, 0.99, 1} {
		if got, want := sum.Quantile(q), 10_000*q; math.Abs(got-want) > 0.02*want {
			t.Errorf("the quantile %v is %v, want %v", q, got, want)
		}
	}
}
