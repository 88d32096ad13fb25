package shadow

import (
	"fmt"
	"slices"

	"parallax/processors/row"
)

// Sampler chooses the keys that are compared. It is not safe for concurrent use.
type Sampler interface {
	// Shares returns what is in of each record of a batch, in dst's memory where that
	// is large enough.
	Shares(dst []row.Share, b *row.Batch) []row.Share
	// KeepsRow reports whether a row is one of a key that is in.
	KeepsRow(c *row.Change) bool
}

// keySample compares a percentage of the keys: V2 was given those only, so what V1
// made of the others is left out. The zero value compares all. It belongs to the
// comparer's goroutine.
type keySample struct {
	sampler Sampler     // nil compares all
	shares  []row.Share // of the batch at hand, by record
	// part is used again for each batch, own for those that are sampled.
	part row.Outcome
	own  []row.Share
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
	s.part.DeadLetters = s.lettersIn(v1, v2)
	if v2 != nil {
		// V1's are those of all keys.
		s.part.ExpressionErrors, s.part.Late, s.part.ClosedWindows = v2.ExpressionErrors, v2.Late, v2.ClosedWindows
	}
	return &s.part
}

// lettersIn are V1's dead letters of records that are in. Of a record that only some of
// its queries have in, which of them refused it is not known: what V2 has too is taken.
func (s *keySample) lettersIn(v1, v2 *row.Outcome) (letters []row.DeadLetter) {
	for _, d := range v1.DeadLetters {
		share := s.share(d.Record)
		if share.All || share.Any && v2 != nil && slices.Contains(v2.DeadLetters, d) {
			letters = append(letters, d)
		}
	}
	return letters
}

// misstated returns an error if V2 says of a record that it takes it for other queries
// than it was to.
func (s *keySample) misstated(b *row.Batch, v2 *row.Outcome) error {
	if s.sampler == nil || len(v2.Shares) != b.Len() {
		return nil
	}
	s.own = s.sampler.Shares(s.own, b)
	for i, own := range s.own {
		if own != v2.Shares[i] {
			return fmt.Errorf("V2 says of record %d of %s that it takes it for %s of the queries that read it, and by the record's keys it is %s", i, describeBatch(b), shareText(v2.Shares[i]), shareText(own))
		}
	}
	return nil
}

func shareText(s row.Share) string {
	switch {
	case s.All:
		return "all"
	case s.Any:
		return "some"
	}
	return "none"
}
