package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func spanOf(times ...int64) int64 {
	var e Sketch
	for _, at := range times {
		e.Add(at)
	}
	return e.Span(0.01)
}

const day = 24 * 60 * 60_000

func TestAnOutlierIsNoEventTimeSpan(t *testing.T) {
	var times []int64
	for i := range int64(20_000) {
		times = append(times, 1_700_000_000_000+i)
	}
	want := int64(20_000 - 1 - 2*200)
	if got := spanOf(times...); math.Abs(float64(got-want)) > 20 {
		t.Errorf("the span of 20 s is %d ms, want about %d", got, want)
	}
	for _, outlier := range []int64{-day, day, 9_000 * day} {
		if got := spanOf(append(slices.Clone(times), 1_700_000_000_000+outlier)...); math.Abs(float64(got-want)) > 20 {
			t.Errorf("with an outlier %d days away it is %d ms, want about %d", outlier/day, got, want)
		}
	}
}

func TestTheSpanOfFewTimes(t *testing.T) {
	if got := spanOf(); got != 0 {
		t.Errorf("of none: %d", got)
	}
	if got := spanOf(7); got != 0 {
		t.Errorf("of one: %d", got)
	}
	if got := spanOf(10, 30, 20); got != 20 {
		t.Errorf("of three: %d, want 20", got)
	}
	// Of 100 times one on either side is outside.
	times := []int64{-day, day}
	for i := range int64(98) {
		times = append(times, i)
	}
	if got := spanOf(times...); got != 97 {
		t.Errorf("of 100: %d, want 97", got)
	}
}

// TestTheSpanIsThatOfTheExactQuantiles in any order of the times, within 0.3 % of the
// ranks, in bounded memory.
func TestTheSpanIsThatOfTheExactQuantiles(t *testing.T) {
	const n = 1_000_000
	random := rand.New(rand.NewPCG(1, 2))
	for name, at := range map[string]func(i int64) int64{
		"ascending":  func(i int64) int64 { return i },
		"descending": func(i int64) int64 { return n - i },
		"random":     func(int64) int64 { return random.Int64N(n) },
		"in waves":   func(i int64) int64 { return (i%1000)*1000 + i/1000 },
		"in runs of equal times": func(i int64) int64 {
			return i / 5000 * 5000
		},
	} {
		t.Run(name, func(t *testing.T) {
			var e Sketch
			for i := range int64(n) {
				e.Add(at(i))
			}
			if got, want := e.Span(0.01), int64(0.98*n); math.Abs(float64(got-want)) > 2*0.003*n+5000 {
				t.Errorf("%d, want about %d", got, want)
			}
			kept := len(e.filling)
			for _, buffer := range e.levels {
				kept += len(buffer)
			}
			if kept > 20*sketchSize {
				t.Errorf("%d times are kept", kept)
			}
		})
	}
}

func BenchmarkEventTimes(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	jitter := make([]int64, 1<<12)
	for i := range jitter {
		jitter[i] = random.Int64N(1000)
	}
	var e Sketch
	for i := range b.N {
		e.Add(1_700_000_000_000 + int64(i) + jitter[i%len(jitter)])
	}
}
