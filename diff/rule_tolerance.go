package diff

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
)

// ruleTolerance is one kind of tolerance that a rule can have.
type ruleTolerance struct {
	name  string
	isSet func(*Rule) bool
	// text describes the rule's tolerance for messages.
	text func(*Rule) string
	// allows reports whether the rule tolerates V2's value y where V1 has x. It is nil for
	// the tolerances that decide which elements of ARRAYs are compared with each other.
	allows func(r *Rule, x, y row.Value) bool
}

// ruleTolerances are all kinds. The texts that ignore_case and ignore_space compare are
// normalised by both, so the two are one kind with two names.
var ruleTolerances = []ruleTolerance{
	{
		"ignore", func(r *Rule) bool { return r.Ignore }, func(*Rule) string { return "ignored" },
		func(*Rule, row.Value, row.Value) bool { return true },
	},
	{"absolute", func(r *Rule) bool { return r.Absolute != 0 }, func(r *Rule) string { return fmt.Sprintf("within %v", r.Absolute) }, isNearAbsolutely},
	{"relative", func(r *Rule) bool { return r.Relative != 0 }, func(r *Rule) string { return fmt.Sprintf("within %v of V1's value", r.Relative) }, isNearRelatively},
	{
		"epsilon", func(r *Rule) bool { return r.Epsilon != 0 },
		func(r *Rule) string { return fmt.Sprintf("within %v of the larger value or of 1", r.Epsilon) }, isWithinEpsilon,
	},
	{"ulp", func(r *Rule) bool { return r.ULP != 0 }, func(r *Rule) string { return fmt.Sprintf("within %v units in the last place", r.ULP) }, isWithinULP},
	{"time", func(r *Rule) bool { return r.Time != 0 }, func(r *Rule) string { return fmt.Sprintf("within %v", r.Time) }, isNearInTime},
	{"ignore_case, ignore_space", func(r *Rule) bool { return r.IgnoreCase || r.IgnoreSpace }, describeTextRule, isSameText},
	{"uuid", func(r *Rule) bool { return r.UUID }, func(*Rule) string { return "any UUID" }, areUUIDs},
	{"null_is", func(r *Rule) bool { return r.NullIs != "" }, func(r *Rule) string { return "NULL is " + r.NullIs }, isNullFor},
	{"only_in", func(r *Rule) bool { return r.OnlyIn != "" }, func(r *Rule) string { return "may be only in " + r.OnlyIn }, isOnlyIn},
	{"bag", func(r *Rule) bool { return r.Bag }, func(*Rule) string { return "elements in any order" }, nil},
	{"pair_by", func(r *Rule) bool { return r.PairBy != "" }, func(r *Rule) string { return "elements paired by " + r.PairBy }, nil},
}

// toleranceNames lists the names of all kinds.
func toleranceNames() string {
	var names []string
	for _, t := range ruleTolerances {
		names = append(names, strings.Split(t.name, ", ")...)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// tolerances returns those that the rule has: exactly one, if it is valid.
func (r *Rule) tolerances() (set []ruleTolerance) {
	for _, t := range ruleTolerances {
		if t.isSet(r) {
			set = append(set, t)
		}
	}
	return set
}

// allows reports whether the rule tolerates V2's value y where V1 has x.
func (r *Rule) allows(x, y row.Value) bool {
	return slices.ContainsFunc(ruleTolerances, func(t ruleTolerance) bool {
		return t.allows != nil && t.isSet(r) && t.allows(r, x, y)
	})
}
