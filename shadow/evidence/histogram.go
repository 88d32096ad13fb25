package evidence

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
)

// Histogram counts positive values in buckets, each 2 % wider than the one before, so that
// histograms add up. The zero value is empty. In JSON it is a list of pairs: a bucket, the
// number of values in it.
type Histogram struct{ counts map[int]int64 }

var bucketWidth = math.Log(1.02)

// Add counts a value; one that is not above 0 counts as the smallest one.
func (h *Histogram) Add(value float64) {
	h.add(int(math.Floor(math.Log(max(value, math.SmallestNonzeroFloat64))/bucketWidth)), 1)
}

func (h *Histogram) add(bucket int, n int64) {
	if h.counts == nil {
		h.counts = map[int]int64{}
	}
	h.counts[bucket] += n
}

// Merge adds the values of another histogram.
func (h *Histogram) Merge(o Histogram) {
	for bucket, n := range o.counts {
		h.add(bucket, n)
	}
}

// Count returns the number of values.
func (h Histogram) Count() (n int64) {
	for _, c := range h.counts {
		n += c
	}
	return n
}

// Quantile returns the value below or at which the share q of the values is, within 1 %; 0
// if there are no values.
func (h Histogram) Quantile(q float64) float64 {
	rank, below := int64(math.Ceil(q*float64(h.Count()))), int64(0)
	for _, bucket := range slices.Sorted(maps.Keys(h.counts)) {
		if below += h.counts[bucket]; below >= max(rank, 1) {
			return math.Exp((float64(bucket) + 0.5) * bucketWidth)
		}
	}
	return 0
}

// MarshalJSON writes the pairs in ascending order.
func (h Histogram) MarshalJSON() ([]byte, error) {
	pairs := [][2]int64{}
	for _, bucket := range slices.Sorted(maps.Keys(h.counts)) {
		pairs = append(pairs, [2]int64{int64(bucket), h.counts[bucket]})
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON reads the pairs.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var pairs [][2]int64
	if err := json.Unmarshal(text, &pairs); err != nil {
		return err
	}
	*h = Histogram{}
	for _, p := range pairs {
		if p[1] < 0 {
			return errors.New("evidence: a histogram has a negative count")
		}
		h.add(int(p[0]), p[1])
	}
	return nil
}
