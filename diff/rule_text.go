package diff

import (
	"regexp"
	"strings"
	"time"

	"parallax/processors/row"
)

// The values of Rule.NullIs and Rule.OnlyIn.
const (
	nullIsAbsent, nullIsEmpty        = "absent", "empty"
	onlyInV1, onlyInV2, onlyInEither = "v1", "v2", "either"
)

func describeTextRule(r *Rule) string {
	switch {
	case r.IgnoreCase && r.IgnoreSpace:
		return "case and white space ignored"
	case r.IgnoreCase:
		return "case ignored"
	}
	return "white space ignored"
}

// texts returns two values' texts; ok is false if one is not a text.
func texts(x, y row.Value) (a, b string, ok bool) {
	if x.Kind() != row.String || y.Kind() != row.String {
		return "", "", false
	}
	return x.Str(), y.Str(), true
}

func isSameText(r *Rule, x, y row.Value) bool {
	a, b, ok := texts(x, y)
	if r.IgnoreSpace {
		a, b = singleSpaced(a), singleSpaced(b)
	}
	return ok && (a == b || r.IgnoreCase && strings.EqualFold(a, b))
}

// singleSpaced returns a text's words with one space between them.
func singleSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

var uuidForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func areUUIDs(_ *Rule, x, y row.Value) bool {
	a, b, ok := texts(x, y)
	return ok && uuidForm.MatchString(a) && uuidForm.MatchString(b)
}

func isNearInTime(r *Rule, x, y row.Value) bool {
	if x.Kind() == row.Timestamp && y.Kind() == row.Timestamp {
		return absolute(x.Int64()-y.Int64()) <= r.Time.Milliseconds()
	}
	a, b, ok := texts(x, y)
	if !ok {
		return false
	}
	one, err := time.Parse(time.RFC3339, a)
	if err != nil {
		return false
	}
	two, err := time.Parse(time.RFC3339, b)
	return err == nil && one.Sub(two).Abs() <= r.Time
}

func absolute(n int64) int64 { return max(n, -n) }

func isNullFor(r *Rule, x, y row.Value) bool {
	if !x.IsNull() {
		x, y = y, x
	}
	switch {
	case !x.IsNull():
		return false
	case r.NullIs == nullIsAbsent:
		return isAbsent(y)
	}
	return y.Kind() == row.String && y.Str() == "" || isNested(y) && len(y.Elements()) == 0
}

func isOnlyIn(r *Rule, x, y row.Value) bool {
	return isAbsent(y) && r.OnlyIn != onlyInV2 || isAbsent(x) && r.OnlyIn != onlyInV1
}
