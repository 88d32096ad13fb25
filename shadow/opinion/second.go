package opinion

import (
	"context"
	"fmt"
	"runtime/debug"

	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
	"parallax/shadow/sampling"
)

// Found is the comparison's result for a batch.
type Found struct {
	// Equal: both sides' rows are equal and in the same order, with nothing tolerated.
	Equal bool
	// Divergences counts all divergences, Visible those of rows, dead letters and
	// dispositions.
	Divergences, Visible int64
}

// Second checks the comparison itself: a batch that it finds equal must have equal bytes,
// and one in which it finds a divergence must not. Use it on the comparison's goroutine.
type Second struct {
	judge *Judge
	// strict: the comparison compares dispositions.
	strict bool
	count  evidence.SecondOpinions
	// differed is how many batches with divergences there were.
	differed int64
}

const (
	// EqualFirst are the first batches that are the same of which each gets a second
	// opinion, DifferingFirst those with divergences; later it is 1 in
	// sampling.ChosenOneIn.
	EqualFirst     = 8
	DifferingFirst = 100
)

// NewSecond returns a Second for a plan with these sinks, by query. strict: the comparison
// compares dispositions. redact returns what errors show of a row; nil for all of it. ctx is for
// the constructors of the sinks' encoders.
func NewSecond(ctx context.Context, sinks []*row.Sink, strict bool, redact func(string) string) (*Second, error) {
	judge, err := New(ctx, sinks)
	if err != nil {
		return nil, err
	}
	judge.redact = redact
	return &Second{judge: judge, strict: strict}, nil
}

// Count returns how many batches there was a second opinion on. The goroutine of On may
// ask, and any once that has ended.
func (s *Second) Count() evidence.SecondOpinions { return s.count }

// On gives a second opinion on a batch, if the batch is chosen for one; found is the
// comparison's result. An error means a bug in Parallax.
func (s *Second) On(v1, v2 *row.Outcome, found Found) error {
	b := v1.Batch
	switch {
	case found.Visible > 0:
		s.differed++
		if s.differed > DifferingFirst && !sampling.IsChosen(b.Seq) {
			return nil
		}
		s.count.Differing++
		if s.difference(v1, v2, true) == "" {
			return fmt.Errorf("%s: the comparison found %d divergences, and both sides' records, dead letters and dispositions are the same: the comparison is wrong; report this with the batch", b.Describe(), found.Visible)
		}
	case found.Equal:
		if s.count.Equal >= EqualFirst && !sampling.IsChosen(b.Seq) {
			return nil
		}
		s.count.Equal++
		if d := s.difference(v1, v2, s.strict && found.Divergences == 0); d != "" {
			return fmt.Errorf("%s: the comparison found both sides equal, and they differ, %s: the comparison is wrong; report this with the batch", b.Describe(), d)
		}
	}
	return nil
}

// difference is the judge's. That rows cannot be encoded is a difference.
func (s *Second) difference(v1, v2 *row.Outcome, dispositions bool) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = "a row cannot be encoded: " + (&guard.PanicError{Value: p, Stack: debug.Stack()}).Error()
		}
	}()
	return s.judge.Difference(v1, v2, Options{Dispositions: dispositions})
}
