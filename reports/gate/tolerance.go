package gate

import (
	"time"

	"parallax/diff"
)

// ToleratesTooMuch returns a sentence for each rule that tolerates more than it may in a
// comparison's result: a rule that has expired, a rule above its max_rate, and rules that
// together tolerate more than the policy's MaxTolerated of an output's rows (rule 3).
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
