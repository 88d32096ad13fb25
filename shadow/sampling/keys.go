// Package sampling chooses what a run looks at: the keys that the candidate is given and
// compared on (Keys), and the few batches that get a closer look (IsChosen).
//
// Stability: ours.
package sampling

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

// Keys compares a percentage of the keys: the candidate was given those only, so what the
// control made of the others is left out. The zero value compares all. It belongs to the
// comparison's goroutine.
type Keys struct {
	Sampler Sampler     // nil compares all
	shares  []row.Share // of the batch at hand, by record
	// part is used again for each batch, own for those that are sampled.
	part row.Outcome
	own  []row.Share
}

// Look finds out which records of a batch are in. The candidate, whose outcome is
// candidate or nil for none, has hashed the keys to know which it takes, and says so. It
// cannot excuse itself by that: which of the control's rows it owes is found from the
// rows' own keys.
func (s *Keys) Look(b *row.Batch, candidate *row.Outcome) {
	switch {
	case s.Sampler == nil:
	case candidate != nil && len(candidate.Shares) == b.Len():
		s.shares = append(s.shares[:0], candidate.Shares...)
	default:
		s.shares = s.Sampler.Shares(s.shares, b)
	}
}

// Share is what the candidate was given of record i of the batch at hand.
func (s *Keys) Share(i int) row.Share {
	if s.Sampler == nil {
		return row.Share{Any: true, All: true, Counted: true}
	}
	return s.shares[i]
}

// Comparable is the control's outcome without what the candidate, whose outcome is
// candidate or nil for none, was not asked about: rows of other keys, and what became of
// a record for queries that do not have its key in. It shares nothing that is written to
// with control, and lasts until the next one.
func (s *Keys) Comparable(control, candidate *row.Outcome) *row.Outcome {
	if s.Sampler == nil {
		return control
	}
	changes, dispositions := s.part.Changes[:0], s.part.Dispositions[:0]
	s.part = *control
	s.part.OnRelease(nil)
	for i := range control.Changes {
		if s.Sampler.KeepsRow(&control.Changes[i]) {
			changes = append(changes, control.Changes[i])
		}
	}
	s.part.Changes = changes
	dispositions = append(dispositions, control.Dispositions...)
	if candidate != nil {
		for i := range dispositions {
			if !s.Share(i).All {
				dispositions[i] = candidate.Dispositions[i]
			}
		}
	}
	s.part.Dispositions = dispositions
	s.part.DeadLetters = s.lettersIn(control, candidate)
	if candidate != nil {
		// The control's are those of all keys.
		s.part.ExpressionErrors, s.part.Late, s.part.ClosedWindows = candidate.ExpressionErrors, candidate.Late, candidate.ClosedWindows
	}
	return &s.part
}

// lettersIn are the control's dead letters of records that are in. Of a record that only
// some of its queries have in, which of them refused it is not known: what the candidate
// has too is taken.
func (s *Keys) lettersIn(control, candidate *row.Outcome) (letters []row.DeadLetter) {
	for _, d := range control.DeadLetters {
		share := s.Share(d.Record)
		if share.All || share.Any && candidate != nil && slices.Contains(candidate.DeadLetters, d) {
			letters = append(letters, d)
		}
	}
	return letters
}

// Misstated returns an error if the candidate says of a record that it takes it for other
// queries than it was to.
func (s *Keys) Misstated(b *row.Batch, candidate *row.Outcome) error {
	if s.Sampler == nil || len(candidate.Shares) != b.Len() {
		return nil
	}
	s.own = s.Sampler.Shares(s.own, b)
	for i, own := range s.own {
		if own != candidate.Shares[i] {
			return fmt.Errorf("V2 states that it accepts record %d of %s for %s of the queries that read it, but the record's keys select %s", i, b.Describe(), shareText(candidate.Shares[i]), shareText(own))
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
