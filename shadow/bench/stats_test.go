package bench

import "testing"

func TestMedianIsTheMiddleAndBetweenTwoMiddlesTheirMean(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 2, 100}, 3},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

// The machine is half as fast in the second round and three times as fast in the third, for
// both paths. Each pair shows that one path is twice as fast, which the ratio of medians
// would not.
func TestPairedRatioDoesNotSeeADriftOfTheMachine(t *testing.T) {
	mine, other := []float64{10, 20, 3}, []float64{20, 40, 6}
	if got := pairedRatio(mine, other); got != (Spread{2, 2, 2}) {
		t.Errorf("got %+v, want 2 throughout", got)
	}
}

func TestPairedRatioSaysItsSpread(t *testing.T) {
	mine, other := []float64{10, 10, 10, 10}, []float64{5, 40, 20, 30}
	if got := pairedRatio(mine, other); got != (Spread{Min: 0.5, Median: 2.5, Max: 4}) {
		t.Errorf("got %+v", got)
	}
}
