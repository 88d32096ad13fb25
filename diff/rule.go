package diff

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"parallax/processors/row"
)

// Rule tolerates differences of one column, or of the values at a path inside it. It has one kind of tolerance, an
// owner, a reason, a last day, and the largest fraction of rows that it may tolerate.
type Rule struct {
	// Topic is the output topic; without it the rule applies to every output that has the
	// column.
	Topic string `koanf:"topic" json:"topic,omitempty"`
	// Column is the name of a value column, in any case, or timestamp for the row's own
	// timestamp. For an ARRAY, MAP or STRUCT the rule applies to all values inside it; with
	// a path after the name, such as ITEMS[].PRICE, to the values at that path.
	Column string `koanf:"column" json:"column"`
	// Ignore tolerates any difference of the column. A rule has exactly one tolerance; only
	// ignore_case and ignore_space can be combined.
	Ignore bool `koanf:"ignore" json:"ignore,omitempty"`
	// Absolute tolerates numbers that differ by at most this amount.
	Absolute float64 `koanf:"absolute" json:"absolute,omitempty"`
	// Relative tolerates numbers that differ by at most this fraction of V1's number.
	Relative float64 `koanf:"relative" json:"relative,omitempty"`
	// Epsilon tolerates numbers that differ by at most this fraction of the larger one, or
	// by this amount where both are between -1 and 1: |a-b| <= epsilon * max(1, |a|, |b|).
	Epsilon float64 `koanf:"epsilon" json:"epsilon,omitempty"`
	// ULP tolerates DOUBLEs that differ by at most this many units in the last place of V1's
	// number.
	ULP float64 `koanf:"ulp" json:"ulp,omitempty"`
	// Time tolerates timestamps that differ by at most this duration: TIMESTAMPs, and texts
	// in the form of RFC 3339.
	Time time.Duration `koanf:"time" json:"time,omitempty"`
	// IgnoreCase tolerates texts that differ only in upper and lower case.
	IgnoreCase bool `koanf:"ignore_case" json:"ignore_case,omitempty"`
	// IgnoreSpace tolerates texts that differ only in white space: at the ends, or in how
	// much of it separates two words.
	IgnoreSpace bool `koanf:"ignore_space" json:"ignore_space,omitempty"`
	// UUID tolerates any two texts that both have the form of a UUID.
	UUID bool `koanf:"uuid" json:"uuid,omitempty"`
	// NullIs tolerates a NULL where the other side has nothing (absent), or an empty text,
	// ARRAY, MAP or STRUCT (empty).
	NullIs string `koanf:"null_is" json:"null_is,omitempty"`
	// OnlyIn tolerates a column, a key of a MAP or an element of an ARRAY that only one side
	// has: v1, v2 or either.
	OnlyIn string `koanf:"only_in" json:"only_in,omitempty"`
	// Bag compares ARRAYs without their order: as bags, in which the same element may occur
	// several times.
	Bag bool `koanf:"bag" json:"bag,omitempty"`
	// PairBy compares ARRAYs of STRUCTs or MAPs without their order, by pairing the elements
	// that have equal values in this field; several fields are separated by commas.
	PairBy string `koanf:"pair_by" json:"pair_by,omitempty"`

	// Owner is the person or team responsible for the rule.
	Owner string `koanf:"owner" json:"owner"`
	// Reason is why the difference is intended.
	Reason string `koanf:"reason" json:"reason"`
	// Expires is the last day, in UTC, on which the rule may let a run pass.
	Expires Day `koanf:"expires" json:"expires"`
	// MaxRate is the largest fraction of the rows of the rule's topics that it may tolerate,
	// above 0 and at most 1.
	MaxRate float64 `koanf:"max_rate" json:"max_rate"`
}

// Day is a day of the calendar, as text.
type Day string

// UnmarshalText also accepts the time that YAML makes of a day.
func (d *Day) UnmarshalText(text []byte) error {
	*d = Day(strings.TrimSuffix(string(text), "T00:00:00Z"))
	return nil
}

// Validate returns an error that says what is wrong with a rule.
func (r Rule) Validate() error {
	allows := len(r.tolerances())
	_, err := r.expiry()
	switch {
	case r.Column == "":
		return errors.New("column: missing: name the column that the rule is for")
	case allows != 1:
		return fmt.Errorf("a rule allows one of %s", toleranceNames())
	case !(bounded(r.Absolute) && bounded(r.Relative) && bounded(r.Epsilon) && bounded(r.ULP) && r.Time >= 0):
		return errors.New("the tolerance of a rule must be above 0")
	case r.NullIs != "" && r.NullIs != nullIsAbsent && r.NullIs != nullIsEmpty:
		return fmt.Errorf("null_is: %q must be %s or %s", r.NullIs, nullIsAbsent, nullIsEmpty)
	case r.OnlyIn != "" && r.OnlyIn != onlyInV1 && r.OnlyIn != onlyInV2 && r.OnlyIn != onlyInEither:
		return fmt.Errorf("only_in: %q must be %s, %s or %s", r.OnlyIn, onlyInV1, onlyInV2, onlyInEither)
	case r.PairBy != "" && slices.Contains(r.pairFields(), ""):
		return fmt.Errorf("pair_by: %q has an empty name; separate the names of fields by commas", r.PairBy)
	case r.Owner == "":
		return errors.New("owner: missing: name who is responsible for the rule")
	case strings.ContainsFunc(r.Owner, unicode.IsControl):
		return fmt.Errorf("owner: %q is not one line of text: name one person or team", r.Owner)
	case r.Reason == "":
		return errors.New("reason: missing: say why the difference is acceptable")
	case err != nil:
		return err
	case !(r.MaxRate > 0 && r.MaxRate <= 1):
		return fmt.Errorf("max_rate: %v must be above 0 and at most 1", r.MaxRate)
	}
	return nil
}

func bounded(f float64) bool { return f >= 0 && f <= math.MaxFloat64 }

// Expired reports whether the rule's last day is over.
func (r Rule) Expired(now time.Time) bool {
	last, err := r.expiry()
	return err != nil || !now.Before(last.AddDate(0, 0, 1))
}

func (r Rule) expiry() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(r.Expires))
	if err != nil {
		return t, fmt.Errorf("expires: %q is not a date such as 2026-12-31", r.Expires)
	}
	return t, nil
}

// String describes the rule for messages: its column and its tolerance.
func (r Rule) String() string {
	where := r.Column
	if r.Topic != "" {
		where = r.Topic + "." + where
	}
	var texts []string
	for _, t := range r.tolerances() {
		texts = append(texts, t.text(&r))
	}
	return where + ": " + strings.Join(texts, ", ")
}

// rowTime is the name of the row's own timestamp in a rule.
const rowTime = "timestamp"

// timeColumn is the row's own timestamp as a column.
var timeColumn = row.Column{Name: rowTime, Type: row.Of(row.Timestamp)}

// CheckRules returns an error for a rule whose column or path does not exist in any output,
// because the rule would never apply.
func CheckRules(rules []Rule, sinks []*row.Sink) error {
	for i, r := range rules {
		found := false
		for _, s := range sinks {
			for _, c := range append(slices.Clip(s.Values), timeColumn) {
				_, ok := r.inside(s, c)
				found = found || ok
			}
		}
		if !found {
			return fmt.Errorf("rule %d: no output has %s", i+1, strings.TrimPrefix(r.Topic+"."+r.Column, "."))
		}
	}
	return nil
}
