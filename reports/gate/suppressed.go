package gate

import (
	"fmt"
	"strings"

	"parallax/diff"
)

// suppressed checks each rule of diff.rules and each acceptance: none has expired, and each
// rule tolerates at most its max_rate.
func suppressed(_ Policy, e Evidence) string {
	var wrong []string
	for _, t := range e.Diff.Tolerated {
		r := t.Rule
		if r.Expired(e.At) {
			wrong = append(wrong, fmt.Sprintf("the rule %q of %s expired on %s", t.Text, r.Owner, r.Expires))
		}
		if t.Rate() > r.MaxRate {
			wrong = append(wrong, fmt.Sprintf("the rule %q of %s tolerated %.3g %% of the rows, %.3g %% are allowed", t.Text, r.Owner, 100*t.Rate(), 100*r.MaxRate))
		}
	}
	for _, a := range acceptances(e) {
		if a.HasExpired {
			wrong = append(wrong, fmt.Sprintf("the acceptance of signature %s by %s expired on %s", a.Signature, a.Owner, a.Expires))
		}
	}
	return strings.Join(wrong, "; ")
}

// tolerated bounds what rules and acceptances together tolerate of each output.
func tolerated(p Policy, e Evidence) string {
	left := withoutAccepted(e)
	return eachOutput(e, func(o diff.Output) string {
		accepted := left.acceptedOf[o.Topic]
		rate := float64(o.ToleratedRows+accepted) / float64(o.Rows)
		if rate <= p.MaxTolerated {
			return ""
		}
		who := "rules tolerated"
		if accepted > 0 {
			who = "rules and accepted signatures tolerated"
		}
		return fmt.Sprintf("%s %.3g %% of the rows of %s, gate.max_tolerated allows %.3g %%", who, 100*rate, o.Topic, 100*p.MaxTolerated)
	})
}

// toleratedRows adds up the rows that rules tolerated and all rows.
func toleratedRows(e Evidence) (hidden, rows int64) {
	for _, o := range e.Diff.Outputs {
		hidden += o.ToleratedRows
		rows += o.Rows
	}
	return hidden, rows
}
