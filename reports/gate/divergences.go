package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parallax/diff"
)

func divergences(_ Policy, e Evidence) string {
	left := withoutAccepted(e)
	if left.roots <= 0 {
		if left.accepted > 0 && left.cascades > 0 {
			return fmt.Sprintf("%s of signatures that are not accepted, after accepted root divergences (%s): accept these signatures, too, if they are intended",
				plural(left.cascades, "cascade"), strings.Join(left.classes(), ", "))
		}
		return ""
	}
	text := fmt.Sprintf("%s at level %s (%s)", plural(left.roots, "root divergence"), e.Require, strings.Join(left.classes(), ", "))
	if of := rootsByOutput(e, left); len(of) > 0 {
		text += ": " + strings.Join(of, ", ")
	}
	for _, a := range acceptances(e) {
		if a.IsExceeded {
			text += fmt.Sprintf("; signature %s has %s, and %s accepted at most %s", a.Signature, plural(a.Count, "divergence"), a.Owner, Thousands(a.MaxCount))
		}
	}
	return text
}

// classes are the classes of what is not accepted, sorted.
func (u *unaccepted) classes() (names []string) {
	for _, c := range slices.Sorted(maps.Keys(u.byClass)) {
		names = append(names, string(c))
	}
	return names
}

// rootsByOutput names the outputs with root divergences, if there are several outputs.
func rootsByOutput(e Evidence, left unaccepted) (of []string) {
	if len(e.Diff.Outputs) < 2 {
		return nil
	}
	for _, o := range e.Diff.Outputs {
		if n := o.Root - left.rootsOf[o.Topic]; n > 0 {
			of = append(of, fmt.Sprintf("%s of %s", Thousands(n), o.Topic))
		}
	}
	return of
}

// statesDiffer checks the states at checkpoints. The divergences of class state may have
// been accepted.
func statesDiffer(_ Policy, e Evidence) string {
	s := e.States
	if s.Differing == 0 || e.Diff.ByClass[diff.StateClass] > 0 && withoutAccepted(e).byClass[diff.StateClass] == 0 {
		return ""
	}
	return fmt.Sprintf("V2's state differed from V1's at %s of %s at which they were compared", Thousands(s.Differing), plural(s.Equal+s.Differing, "checkpoint"))
}
