package shadow

import (
	"slices"

	"parallax/processors"
	"parallax/processors/row"
)

// keySample compares a percentage of the keys: V2 was given those only, so what V1
// made of the others is left out. The zero value compares all. It belongs to the
// comparer's goroutine.
type keySample struct {
	sampler *processors.Sampler // nil compares all
	shares  []processors.Share  // of the batch at hand, by record
}

// look finds out which records of a batch are in.
func (s *keySample) look(b *row.Batch) {
	if s.sampler == nil {
		return
	}
	s.shares = s.shares[:0]
	for i := range b.Len() {
		var share processors.Share
		if b.Record(i).State != row.Undecodable {
			share = s.sampler.Share(b, i)
		}
		s.shares = append(s.shares, share)
	}
}

// share is what V2 was given of record i of the batch at hand.
func (s *keySample) share(i int) processors.Share {
	if s.sampler == nil {
		return processors.Share{Any: true, All: true, Counted: true}
	}
	return s.shares[i]
}

// comparable is V1's outcome without what V2, whose outcome is v2 or nil for
// none, was not asked about: rows of other keys, and what became of a record for
// queries that do not have its key in. It shares nothing that is written to with
// v1.
func (s *keySample) comparable(v1, v2 *row.Outcome) *row.Outcome {
	if s.sampler == nil {
		return v1
	}
	part := *v1
	part.OnRelease(nil)
	part.Changes = nil
	for i := range v1.Changes {
		if s.sampler.KeepsRow(&v1.Changes[i]) {
			part.Changes = append(part.Changes, v1.Changes[i])
		}
	}
	if v2 != nil {
		part.Dispositions = slices.Clone(v1.Dispositions)
		for i := range part.Dispositions {
			if !s.share(i).All {
				part.Dispositions[i] = v2.Dispositions[i]
			}
		}
	}
	return &part
}
