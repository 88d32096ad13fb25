package gate

import (
	"time"

	"parallax/diff"
)

// ToleratesTooMuch says which rules hide more than they may in what a comparison found, a
// sentence each, by rule 3: a rule that has expired, one above its max_rate, and rules
// that together tolerate more than the policy's MaxTolerated of an output's rows.
func ToleratesTooMuch(p Policy, at time.Time, found diff.Result) (wrong []string) {
	e := Evidence{At: at}
	e.Diff = found
	for _, check := range []func(Policy, Evidence) string{suppressed, tolerated} {
		if text := check(p, e); text != "" {
			wrong = append(wrong, text)
		}
	}
	return wrong
}
