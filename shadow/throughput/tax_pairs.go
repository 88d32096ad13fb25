package throughput

import (
	"math"
	"math/rand/v2"
	"time"

	"parallax/shadow/estimate"
)

const (
	// fewestTaxPairs is the smallest number of pairs for which a tax is reported.
	fewestTaxPairs = 8
	// keptTaxPairs is the number of stored pairs: all pairs of a short run, a random
	// selection of a longer one's.
	keptTaxPairs = 512
)

// recordTime is the control's time for 1,000 records of a batch.
type recordTime time.Duration

func perRecord(took time.Duration, records int) recordTime {
	return recordTime(1000 * took.Nanoseconds() / int64(records))
}

// taxPairs pairs the time of each held batch with the nearest running one, alternately
// before and after it. So slow changes affect both of a pair alike, and a steady drift
// raises the difference in one pair and lowers it in the next. No batch is in two pairs.
// The zero value is empty.
type taxPairs struct {
	// earlier is the last running batch without a pair; later is the last held one while it
	// waits for the next running one; 0 if there is none.
	earlier, later recordTime
	// isNextLater: the next held batch is paired with the running one after it.
	isNextLater bool
	pairs       int64
	differences []float64 // log(running/held) of the stored pairs
	random      *rand.Rand
}

// addHeld adds a held batch, and returns the difference of the pair that it makes, if any.
func (t *taxPairs) addHeld(took recordTime) (made []float64) {
	if t.earlier > 0 && !t.isNextLater {
		made = t.addPair(t.earlier, took)
		t.earlier = 0
	} else {
		t.later = took
	}
	t.isNextLater = !t.isNextLater
	return made
}

// addRunning adds a running batch, and returns the difference of the pair that it makes, if
// any.
func (t *taxPairs) addRunning(took recordTime) (made []float64) {
	t.earlier = took
	if t.later > 0 {
		made = t.addPair(took, t.later)
		t.earlier, t.later = 0, 0
	}
	return made
}

// addPair stores the pair, or replaces a random one, so that each pair of the run is stored
// with the same probability.
func (t *taxPairs) addPair(running, held recordTime) []float64 {
	if running <= 0 || held <= 0 {
		return nil // the clock is too coarse for them
	}
	t.pairs++
	difference := math.Log(float64(running) / float64(held))
	if len(t.differences) < keptTaxPairs {
		t.differences = append(t.differences, difference)
		return []float64{difference}
	}
	if t.random == nil {
		t.random = rand.New(rand.NewPCG(5, 6))
	}
	if i := t.random.Int64N(t.pairs); i < keptTaxPairs {
		t.differences[i] = difference
	}
	return []float64{difference}
}

// typical is the tax on a typical batch and its 95 % interval: the centre of the
// differences of logarithms, as a ratio. It is not known from fewer than
// fewestTaxPairs.
func (t *taxPairs) typical() (value float64, interval [2]float64, isKnown bool) {
	if len(t.differences) < fewestTaxPairs {
		return 0, interval, false
	}
	e, isKnown := estimate.TypicalDifference(t.differences)
	return math.Expm1(e.Value), [2]float64{math.Expm1(e.Low), math.Expm1(e.High)}, isKnown
}
