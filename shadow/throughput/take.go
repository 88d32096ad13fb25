package throughput

import (
	"slices"

	"parallax/shadow/evidence"
)

// taken has the measurements of a TaxMeter since the last take.
type taken struct{ pairs evidence.TaxPairs }

// mostTaken is how many differences are kept until they are taken: the first ones.
const mostTaken = 64

func (t *taken) add(n *int64, times *evidence.Histogram, took recordTime, differences []float64) {
	*n++
	times.Add(float64(took))
	t.pairs.Pairs += int64(len(differences))
	if len(t.pairs.Differences) < mostTaken {
		t.pairs.Differences = append(t.pairs.Differences, differences...)
	}
}

// Take returns what was measured since the last Take. It blocks the control's goroutine
// while it copies.
func (t *TaxMeter) Take() evidence.TaxPairs {
	t.mu.Lock()
	defer t.mu.Unlock()
	pairs := t.taken.pairs
	pairs.Differences = slices.Clone(pairs.Differences)
	t.taken = taken{}
	return pairs
}
