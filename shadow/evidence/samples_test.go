package evidence

import (
	"reflect"
	"testing"

	"parallax/diff"
)

func sampleAt(batch int64, amount float64) *Sample {
	return &Sample{Example: diff.Example{Topic: "out", Batch: batch, Amount: amount}}
}

// spanOff is a span with a divergence, which is off by an amount.
func spanOff(batch int64, amount float64) *Span {
	return &Span{Merged: 1, Divergences: []Divergence{{Signature: "s", Root: 1, Samples: Samples{First: sampleAt(batch, 0), Largest: sampleAt(batch, amount)}}}}
}

// TestTheLargestSampleDoesNotDependOnHowSpansAreMerged: nor on which process made them, and merging
// adds no more than one.
func TestTheLargestSampleDoesNotDependOnHowSpansAreMerged(t *testing.T) {
	amounts := []float64{3, 9, 1, 9, 4}
	for cut := range len(amounts) {
		var parts [2]Span
		for i, amount := range amounts {
			at := 0
			if i >= cut {
				at = 1
			}
			stored := roundTrip(t, *spanOff(int64(i), amount))
			parts[at].Merge(&stored)
		}
		var all Span
		for i := range parts {
			if parts[i].Merged > 0 {
				stored := roundTrip(t, parts[i])
				all.Merge(&stored)
			}
		}
		of := all.Divergences[0]
		if l := of.Samples.Largest; l == nil || l.Amount != 9 || l.Batch != 1 {
			t.Errorf("cut at %d, the largest is %+v, want the first of those off by 9", cut, l)
		}
		if l := of.AsSignature().Largest; l == nil || l.Amount != 9 {
			t.Errorf("cut at %d, the signature has %+v", cut, l)
		}
	}
}

// TestEachSampleIsVisitedOnce: the largest may also be the first, the latest or one of the others.
func TestEachSampleIsVisitedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		samples Samples
		want    []int64
	}{
		"none":    {Samples{}, nil},
		"first":   {Samples{First: sampleAt(1, 0), Latest: sampleAt(3, 0), Largest: sampleAt(1, 5)}, []int64{1, 3}},
		"between": {Samples{First: sampleAt(1, 0), Others: []Sample{*sampleAt(2, 0)}, Latest: sampleAt(3, 0), Largest: sampleAt(2, 5)}, []int64{1, 2, 3}},
		"latest":  {Samples{First: sampleAt(1, 0), Latest: sampleAt(3, 0), Largest: sampleAt(3, 5)}, []int64{1, 3}},
		"its own": {Samples{First: sampleAt(1, 0), Latest: sampleAt(3, 0), Largest: sampleAt(2, 5)}, []int64{1, 2, 3}},
	} {
		var got []int64
		c.samples.Each(func(s *Sample) { got = append(got, s.Batch) })
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: visited %v, want %v", name, got, c.want)
		}
	}
	s := spanOff(1, 5)
	if s.Divergences[0].Samples.First = nil; !s.RemoveSamples() || s.Divergences[0].Samples.Largest != nil || s.DetailGone == "" {
		t.Error("a largest sample alone is not removed")
	}
}
