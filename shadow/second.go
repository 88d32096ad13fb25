package shadow

import (
	"fmt"
	"runtime/debug"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/guard"
	"parallax/shadow/opinion"
)

// SecondOpinions counts the batches on which there was a second opinion: both sides
// encoded as their sinks would, and bytes compared.
type SecondOpinions struct {
	// Equal were batches that the comparison had found the same at E1, with nothing
	// tolerated; Differing were batches in which it had found divergences.
	Equal, Differing int64
}

// secondOpinion checks the comparison itself: a batch that it finds the same must be the
// same bytes, and one in which it finds a divergence must not. It belongs to the
// comparer's goroutine.
type secondOpinion struct {
	judge *opinion.Judge
	// strict says that the comparison holds both sides to the same dispositions.
	strict bool
	count  SecondOpinions
	// differed is how many batches with divergences there were.
	differed int64
}

const (
	// equalFirst are the first batches that are the same of which each gets a second
	// opinion, differingFirst those with divergences; later it is 1 in sampleOneIn.
	equalFirst     = 8
	differingFirst = 100
)

func newSecondOpinion(job *Job) *secondOpinion {
	require := job.RequireLevel
	return &secondOpinion{judge: opinion.New(job.Sinks), strict: require == diff.None || require >= diff.E3}
}

// on gives a second opinion on a batch, if its turn has come; found is what the
// comparison found. An error is one of the tool.
func (s *secondOpinion) on(v1, v2 *row.Outcome, found diff.Found) error {
	b := v1.Batch
	switch {
	case found.Visible > 0:
		s.differed++
		if s.differed > differingFirst && !isSampled(b.Seq) {
			return nil
		}
		s.count.Differing++
		if s.difference(v1, v2, true) == "" {
			return fmt.Errorf("%s: the comparison found %d divergences, and both sides' records, dead letters and dispositions are the same: the comparison is wrong; report this with the batch", describeBatch(b), found.Visible)
		}
	case found.Equal:
		if s.count.Equal >= equalFirst && !isSampled(b.Seq) {
			return nil
		}
		s.count.Equal++
		if d := s.difference(v1, v2, s.strict && found.Divergences == 0); d != "" {
			return fmt.Errorf("%s: the comparison found both sides the same, and they are not, %s: the comparison is wrong; report this with the batch", describeBatch(b), d)
		}
	}
	return nil
}

// difference is the judge's. That rows cannot be encoded is a difference.
func (s *secondOpinion) difference(v1, v2 *row.Outcome, dispositions bool) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = "a row cannot be encoded: " + (&guard.PanicError{Value: p, Stack: debug.Stack()}).Error()
		}
	}()
	return s.judge.Difference(v1, v2, opinion.Options{Dispositions: dispositions})
}
