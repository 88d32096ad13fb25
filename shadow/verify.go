package shadow

import (
	"fmt"

	"parallax/diff"
	"parallax/shadow/emission"
	"parallax/shadow/guard"
	"parallax/shadow/stage"
)

// follow begins to look for what sends the job back, with the first batch of a verified stage.
// Called with judging held.
func (c *comparer) follow(p *emission.Parcel) {
	if p != nil && !c.isFollowing {
		c.differ.Latest() // what was found before was known when the stage began
	}
	c.isFollowing = p != nil
}

// decide tells the emitter what is emitted of a batch that was compared, and sends the job back
// where it must. Called with judging held.
func (c *comparer) decide(p finishedPair, failed error) {
	if p.control.parcel == nil {
		return
	}
	rows, ofCandidate := p.control.outcome.Changes, int64(0)
	isEqual := !c.goBackFor(c.differ.Latest())
	switch {
	case failed != nil:
		c.emitter.GoBack(stage.Blind, "the comparison failed: "+guard.FirstLine(failed))
	case p.gone == nil && isEqual:
		err := guard.Call(func() error { // it reads V2's values
			rows, ofCandidate = c.substitution.Rows(p.control.parcel.Stage(), rows, p.candidate.outcome.Changes, c.fast.Last().Equal)
			return nil
		})
		if err != nil {
			rows, ofCandidate = p.control.outcome.Changes, 0
			c.emitter.GoBack(stage.Divergence, "V2's rows cannot be read: "+guard.FirstLine(guard.Redacted(err, c.job.errorText())))
		}
	}
	c.emitter.Judge(p.control.parcel, rows, ofCandidate)
}

// goBackFor sends the job back for divergences that are not accepted, and reports whether there are
// any.
func (c *comparer) goBackFor(list []diff.Signature) bool {
	for i := range list {
		s := &list[i]
		if c.job.IsAccepted != nil && c.job.IsAccepted(*s) {
			continue
		}
		of := ""
		if s.Topic != "" {
			of = " of " + s.Topic
		}
		c.emitter.GoBack(stage.Divergence, fmt.Sprintf("V2 diverges from V1: %s%s, signature %s", s.Class, of, s.ID))
		return true
	}
	return false
}
