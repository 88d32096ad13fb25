package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Six pairs by hand. The denominators are 1, so the ratio is the mean 2.5; without one pair it is
// (15-x)/5, and t with 5 degrees of freedom is 2.5706 at 97.5 %.
func TestSixPairsByHand(t *testing.T) {
	var pairs [][2]float64
	mean := 0.0
	var logs []float64
	for _, x := range []float64{1, 2, 2, 3, 3, 4} {
		pairs = append(pairs, [2]float64{x, 1})
		logs = append(logs, math.Log((15-x)/5))
		mean += math.Log((15-x)/5) / 6
	}
	sum := 0.0
	for _, l := range logs {
		sum += (l - mean) * (l - mean)
	}
	half := 2.570582 * math.Sqrt(sum*5/6)
	got, ok := RatioOfSums(pairs)
	near := func(x, want float64) bool { return math.Abs(x-want) < 1e-6 }
	if !ok || got.Value != 2.5 || !near(got.Low, 2.5*math.Exp(-half)) || !near(got.High, 2.5*math.Exp(half)) {
		t.Errorf("%+v, %v, want 2.5 and a factor of %v", got, ok, math.Exp(half))
	}
}

// With twenty blocks and more pairs, t has 19 degrees of freedom: 2.0930.
func TestBlocksAreAddedUp(t *testing.T) {
	var pairs, sums [][2]float64
	for i := range mostBlocks {
		x := float64(1 + i%3)
		for range 10 {
			pairs = append(pairs, [2]float64{x, 2})
		}
		sums = append(sums, [2]float64{10 * x, 20})
	}
	byPair, ok := RatioOfSums(pairs)
	bySum, _ := RatioOfSums(sums)
	if !ok || byPair != bySum {
		t.Errorf("%+v of pairs and %+v of their sums", byPair, bySum)
	}
	mean, square := 0.0, 0.0
	for _, s := range sums {
		mean += math.Log((390-s[0])/380/(39.0/40)) / mostBlocks
	}
	for _, s := range sums {
		d := math.Log((390-s[0])/380/(39.0/40)) - mean
		square += d * d * 19 / 20
	}
	if want := 2.093024 * math.Sqrt(square); math.Abs(math.Log(byPair.High/byPair.Value)-want) > 1e-6 {
		t.Errorf("%+v, want half of %v in logarithms", byPair, want)
	}
}

func TestThereIsNoIntervalOfTooFewPairsOrOfNothing(t *testing.T) {
	one := [2]float64{1, 1}
	for name, pairs := range map[string][][2]float64{
		"five":                     {one, one, one, one, one},
		"nothing but one":          {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, one},
		"no time of V2 but in one": {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, one},
	} {
		if got, ok := RatioOfSums(pairs); ok || got != (Estimate{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestARatioLiesWithinItsIntervalAndInvertsWithIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		figures := rapid.Float64Range(1, 1e6)
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]float64 {
			return [2]float64{figures.Draw(t, "first"), figures.Draw(t, "second")}
		}), FewestPairs, 100).Draw(t, "pairs")
		got, ok := RatioOfSums(pairs)
		if !ok || got.Value < got.Low || got.Value > got.High {
			t.Fatalf("%+v, %v", got, ok)
		}
		for i, p := range pairs {
			pairs[i] = [2]float64{p[1], p[0]}
		}
		inverse, _ := RatioOfSums(pairs)
		for _, x := range [][2]float64{{got.Value, inverse.Value}, {got.Low, inverse.High}, {got.High, inverse.Low}} {
			if math.Abs(x[0]*x[1]-1) > 1e-9 {
				t.Fatalf("%+v became %+v", got, inverse)
			}
		}
	})
}
