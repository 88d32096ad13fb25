package gate

import (
	"fmt"
	"time"

	"parallax/shadow/evidence"
)

// Fresh is how long evidence counts after the newest of it was made.
const Fresh = 24 * time.Hour

// OfStretch is the input of a verdict on stored evidence.
func OfStretch(s *evidence.Stretch, accepted []Acceptance, at time.Time) Evidence {
	return Evidence{Report: s.Report, Stored: s, Accepted: accepted, At: at}
}

// Expires returns when the verdict on the evidence expires. It is the zero time if there is no
// evidence.
func (e Evidence) Expires() time.Time {
	last := e.Ended
	if e.Stored != nil {
		last = e.Stored.Last
	}
	if last.IsZero() {
		return last
	}
	return last.Add(Fresh)
}

// otherRun checks that the evidence is of the run that is judged.
func otherRun(_ Policy, e Evidence) string {
	if e.Stored == nil || e.Current == nil {
		return ""
	}
	what := changed(e.Stored.Identity, *e.Current)
	if what == "" {
		return ""
	}
	return "the evidence is of another run: " + what + ", and nothing is proven of what the job is now"
}

// changed says what differs between two identities, "" if nothing does.
func changed(was, is evidence.RunIdentity) string {
	for _, c := range []struct{ what, was, is string }{
		{"V1", was.V1, is.V1},
		{"V2", was.V2, is.V2},
	} {
		if c.was != c.is {
			return fmt.Sprintf("%s was %s and is %s", c.what, c.was, c.is)
		}
	}
	switch {
	case was.Fingerprint != is.Fingerprint:
		return "the query or a setting has changed"
	case was.Rules != is.Rules:
		return "diff.rules have changed"
	case was.RedactedColumns() != is.RedactedColumns():
		return "evidence.redact has changed"
	}
	return ""
}

// spansMissing counts the positions of the stretch without evidence as pending. What is
// missing before it is why it does not begin there.
func spansMissing(_ Policy, e Evidence) string {
	if e.Stored == nil {
		return ""
	}
	var inside []evidence.PositionRange
	var positions int64
	for _, m := range e.Stored.Missing {
		if m.From = max(m.From, e.Stored.From); m.From < m.To {
			inside = append(inside, m)
			positions += m.To - m.From
		}
	}
	if positions == 0 {
		return ""
	}
	return fmt.Sprintf("the evidence has %s: %s, the first ones from %s to %s, were not stored and count as pending",
		plural(int64(len(inside)), "hole"), plural(positions, "position"), Thousands(inside[0].From), Thousands(inside[0].To))
}

func stale(_ Policy, e Evidence) string {
	if e.Stored == nil || e.Ledger.Records() == 0 || e.At.Before(e.Expires()) {
		return ""
	}
	return fmt.Sprintf("the evidence is stale: the newest is of %s, and expired on %s, %v after it",
		e.Stored.Last.UTC().Format(time.DateTime), e.Expires().UTC().Format(time.DateTime), Fresh)
}

// forRetries returns the policy with the confidence that as many runs need together: the
// more often a run is repeated until it passes, the likelier a pass by chance.
func (p Policy) forRetries(e Evidence) Policy {
	if n := retries(e); n > 0 {
		p.Confidence = 1 - (1-p.Confidence)/float64(n+1)
	}
	return p
}

func retries(e Evidence) int {
	if e.Stored == nil {
		return 0
	}
	return e.Stored.Retries
}

// becauseOfRetries says why the confidence is not gate.confidence.
func becauseOfRetries(e Evidence) string {
	if n := retries(e); n > 0 {
		return fmt.Sprintf(" (raised because %s without a pass)", pluralOf(int64(n), "earlier run ended", "earlier runs ended"))
	}
	return ""
}

// foundBefore says what was found before a stretch that is judged, in the same run.
func foundBefore(e Evidence) string {
	if e.Stored == nil || e.Stored.Before == nil || e.Stored.Before.Root == 0 {
		return ""
	}
	return fmt.Sprintf("before this evidence, which begins after the newest interruption of the run, %s found", pluralOf(e.Stored.Before.Root, "root divergence was", "root divergences were"))
}
