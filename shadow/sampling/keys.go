// Package sampling selects parts of a run: the keys that the candidate processes and is
// compared on (Keys), and the few batches that are examined more closely (IsChosen).
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
	// Shares returns the share of each record of a batch, in dst's memory if that is large
	// enough.
	Shares(dst []row.Share, b *row.Batch) []row.Share
	// KeepsRow reports whether a row's key is in the sample.
	KeepsRow(c *row.Change) bool
}

// Keys compares a percentage of the keys: the candidate processes only those, so the
// control's results for other keys are left out. The zero value compares all keys. Use it
// on the comparison's goroutine.
type Keys struct {
	Sampler Sampler     // nil compares all
	shares  []row.Share // of the batch at hand, by record
	// part is reused for each batch, own for sampled ones.
	part row.Outcome
	own  []row.Share
}

// Look determines which records of a batch are in the sample. It uses the shares in
// candidate, the candidate's outcome (nil for none), to avoid hashing the keys again. A
// candidate cannot hide rows by wrong shares: the control's rows that it must match are
// selected by the rows' own keys.
func (s *Keys) Look(b *row.Batch, candidate *row.Outcome) {
	switch {
	case s.Sampler == nil:
	case candidate != nil && len(candidate.Shares) == b.Len():
		s.shares = append(s.shares[:0], candidate.Shares...)
	default:
		s.shares = s.Sampler.Shares(s.shares, b)
	}
}

// Share returns the candidate's share of record i of the current batch.
func (s *Keys) Share(i int) row.Share {
	if s.Sampler == nil {
		return row.Share{Any: true, All: true, Counted: true}
	}
	return s.shares[i]
}

// Comparable returns the control's outcome without the parts that the candidate did not
// process: rows of other keys, and dispositions for queries that do not have the record's
// key in the sample. candidate is the candidate's outcome, nil for none. The result is
// valid until the next call.
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
		// The control's counts include all keys, so they are not comparable.
		s.part.ExpressionErrors, s.part.Late, s.part.ClosedWindows = candidate.ExpressionErrors, candidate.Late, candidate.ClosedWindows
	}
	return &s.part
}

// lettersIn returns the control's dead letters of records in the sample. If only some of a
// record's queries have it in the sample, it is not known which query refused it: then a
// dead letter that the candidate has, too, is included.
func (s *Keys) lettersIn(control, candidate *row.Outcome) (letters []row.DeadLetter) {
	for _, d := range control.DeadLetters {
		share := s.Share(d.Record)
		if share.All || share.Any && candidate != nil && slices.Contains(candidate.DeadLetters, d) {
			letters = append(letters, d)
		}
	}
	return letters
}

// Misstated returns an error if the candidate reports a wrong share for a record.
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
