// Package stage defines the stages of a migration from V1 to V2, and the record of a change
// of stage.
//
// Stability: ours.
package stage

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a stage emits.
type Kind int

// The kinds, in the order of a migration.
const (
	// Shadow emits V1's rows, and compares V2's with them afterwards.
	Shadow Kind = iota
	// Canary compares before it emits: V2's rows for a percentage of the keys, V1's for the
	// others.
	Canary
	// Promoted compares before it emits, and emits V2's rows.
	Promoted
	// Done runs V2 alone.
	Done
)

var kindNames = [...]string{"shadow", "canary", "promoted", "done"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Stage is a stage of a migration. Its zero value is shadow.
type Stage struct {
	Kind Kind
	// Percent of the output keys are V2's, above 0 and below 100; 0 except in a canary.
	Percent float64
}

// Parse reads what String writes: shadow, canary:5, promoted, done.
func Parse(text string) (Stage, error) {
	name, percent, hasPercent := strings.Cut(text, ":")
	for k, n := range kindNames {
		if n != name {
			continue
		}
		s := Stage{Kind: Kind(k)}
		if hasPercent != (s.Kind == Canary) {
			break
		}
		if s.Kind != Canary {
			return s, nil
		}
		p, err := strconv.ParseFloat(percent, 64)
		if err != nil || !(p > 0 && p < 100) {
			return Stage{}, fmt.Errorf("canary:%s: the percentage of keys must be a number above 0 and below 100, as in canary:5", percent)
		}
		s.Percent = p
		return s, nil
	}
	return Stage{}, fmt.Errorf("%q is not a stage; the stages are shadow, canary:P (P is the percentage of keys, as in canary:5), promoted and done", text)
}

// String returns the text form.
func (s Stage) String() string {
	if s.Kind == Canary {
		return "canary:" + strconv.FormatFloat(s.Percent, 'f', -1, 64)
	}
	return s.Kind.String()
}

// MarshalText is String.
func (s Stage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is Parse.
func (s *Stage) UnmarshalText(text []byte) (err error) {
	*s, err = Parse(string(text))
	return err
}

// IsVerified reports whether V2's rows are compared before anything is emitted.
func (s Stage) IsVerified() bool { return s.Kind == Canary || s.Kind == Promoted }

// IsBefore reports whether V2 emits less in s than in other: a change from s to other is
// forward, and needs the gate.
func (s Stage) IsBefore(other Stage) bool {
	return s.Kind < other.Kind || s.Kind == other.Kind && s.Percent < other.Percent
}
