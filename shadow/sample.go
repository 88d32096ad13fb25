package shadow

import (
	"parallax/processors"
	"parallax/processors/row"
)

// keySample compares a percentage of the keys: V2 was given those only, so what V1
// made of the others is left out. The zero value compares all. It belongs to the
// comparer's goroutine.
type keySample struct {
	sampler *processors.Sampler // nil compares all
	shares  []row.Share         // of the batch at hand, by record
	// part is used again for each batch.
	part row.Outcome
}

// look finds out which records of a batch are in. V2, whose outcome is v2 or nil for
// none, has hashed the keys to know which it takes, and says so. It cannot excuse
// itself by that: which of V1's rows it owes is found from the rows' own keys.
func (s *keySample) look(b *row.Batch, v2 *row.Outcome) {
	switch {
	case s.sampler == nil:
	case v2 != nil && len(v2.Shares) == b.Len():
		s.shares = append(s.shares[:0], v2.Shares...)
	default:
		s.shares = s.sampler.Shares(s.shares, b)
	}
}

// share is what V2 was given of record i of the batch at hand.
func (s *keySample) share(i int) row.Share {
	if s.sampler == nil {
		return row.Share{Any: true, All: true, Counted: true}
	}
	return s.shares[i]
}

// comparable is V1's outcome without what V2, whose outcome is v2 or nil for
// none, was not asked about: rows of other keys, and what became of a record for
// queries that do not have its key in. It shares nothing that is written to with
// v1, and lasts until the next one.
func (s *keySample) comparable(v1, v2 *row.Outcome) *row.Outcome {
	if s.sampler == nil {
		return v1
	}
	changes, dispositions := s.part.Changes[:0], s.part.Dispositions[:0]
	s.part = *v1
	s.part.OnRelease(nil)
	for i := range v1.Changes {
		if s.sampler.KeepsRow(&v1.Changes[i]) {
			changes = append(changes, v1.Changes[i])
		}
	}
	s.part.Changes = changes
	dispositions = append(dispositions, v1.Dispositions...)
	if v2 != nil {
		for i := range dispositions {
			if !s.share(i).All {
				dispositions[i] = v2.Dispositions[i]
			}
		}
	}
	s.part.Dispositions = dispositions
	return &s.part
}
