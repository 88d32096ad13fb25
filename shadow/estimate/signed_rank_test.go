package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The critical values of the two-sided test at 5 % from published tables (Wilcoxon and
// Wilcox 1964, for the statistic that is just significant). From 25 on, the normal
// approximation leaves out one less for 30 and 50 differences: the tables have 137 and 434.
func TestTheIntervalLeavesOutAsManyAveragesAsTheTablesSay(t *testing.T) {
	for n, critical := range map[int]int{
		6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 16: 29, 17: 34, 18: 40,
		19: 46, 20: 52, 21: 58, 22: 65, 23: 73, 24: 81, 25: 89, 30: 136, 50: 433,
	} {
		if got := ranksOutside(n); got != critical {
			t.Errorf("%d differences: %d averages lie below the interval, want %d", n, got, critical)
		}
	}
}

// The depression scores of Hollander, Wolfe and Chicken, example 3.1. Estimate and 96 %
// interval are in examples 3.3 and 3.4 (for 9 differences the 95 % interval uses the same
// averages).
func TestDepressionScores(t *testing.T) {
	before := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	var differences []float64
	for i := range before {
		differences = append(differences, after[i]-before[i])
	}
	got, ok := TypicalDifference(differences)
	near := func(x, want float64) bool { return math.Abs(x-want) < 0.0005 }
	if !ok || !near(got.Value, -0.46) || !near(got.Low, -0.786) || !near(got.High, -0.010) {
		t.Errorf("%+v, %v, want -0.46 from -0.786 to -0.010", got, ok)
	}
}

func TestFiveDifferencesHaveNoInterval(t *testing.T) {
	if got, ok := TypicalDifference([]float64{1, 2, 3, 4, 5}); ok || got != (Estimate{}) {
		t.Errorf("%+v, %v", got, ok)
	}
	if got, ok := TypicalDifference([]float64{1, 2, 3, 4, 5, 6}); !ok || got != (Estimate{3.5, 1, 6}) {
		t.Errorf("%+v, %v", got, ok)
	}
}

func TestATypicalDifferenceLiesWithinItsIntervalAndShiftsWithIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		differences := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), FewestDifferences, 60).Draw(t, "differences")
		got, _ := TypicalDifference(differences)
		if got.Value < got.Low || got.Value > got.High {
			t.Fatalf("%+v", got)
		}
		for i := range differences {
			differences[i] = 1 - differences[i]
		}
		mirrored, _ := TypicalDifference(differences)
		for _, x := range [][2]float64{{got.Value, mirrored.Value}, {got.Low, mirrored.High}, {got.High, mirrored.Low}} {
			if math.Abs(x[0]+x[1]-1) > 1e-6 {
				t.Fatalf("%+v became %+v", got, mirrored)
			}
		}
	})
}
