package gate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"parallax/diff"
)

// Acceptance accepts the divergences of one signature: a difference between V1 and V2 that
// is intended. A diff.Rule is for noise, an Acceptance for a change.
type Acceptance struct {
	// Signature is the signature's id, as reports show it.
	Signature string `koanf:"signature" json:"signature"`
	// Owner is the person or team responsible for it.
	Owner string `koanf:"owner" json:"owner"`
	// Reason is why the difference is intended.
	Reason string `koanf:"reason" json:"reason"`
	// Expires is the last day, in UTC, on which it may let a run pass.
	Expires diff.Day `koanf:"expires" json:"expires"`
	// MaxCount is the largest number of divergences of the signature that are accepted, roots
	// and cascades together. If there are more, none is accepted.
	MaxCount int64 `koanf:"max_count" json:"max_count"`
}

// IsSignatureID reports whether a text has the form of a signature's id.
func IsSignatureID(id string) bool { return signatureID.MatchString(id) }

var signatureID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// Validate returns an error that begins with the key of the value that cannot be used.
func (a Acceptance) Validate() error {
	switch {
	case !IsSignatureID(a.Signature):
		return fmt.Errorf("signature: %q is not the id of a signature: 12 hexadecimal digits, as reports show it", a.Signature)
	case a.Owner == "":
		return errors.New("owner: missing: name who is responsible for the acceptance")
	case strings.ContainsFunc(a.Owner, unicode.IsControl):
		return fmt.Errorf("owner: %q is not one line of text: name one person or team", a.Owner)
	case a.Reason == "":
		return errors.New("reason: missing: say why the difference is intended")
	case a.MaxCount < 1:
		return fmt.Errorf("max_count: %d must be at least 1", a.MaxCount)
	}
	if _, err := time.Parse(time.DateOnly, string(a.Expires)); err != nil {
		return fmt.Errorf("expires: %q is not a date such as 2026-12-31", a.Expires)
	}
	return nil
}

// HasExpired reports whether the acceptance's last day is over.
func (a Acceptance) HasExpired(now time.Time) bool {
	return diff.Rule{Expires: a.Expires}.Expired(now)
}

// AcceptedSignature is an acceptance with what it was applied to.
type AcceptedSignature struct {
	Acceptance
	Class diff.Class `json:"class,omitempty"`
	Topic string     `json:"topic,omitempty"`
	// Count is the number of divergences of the signature, Roots the number of roots.
	Count int64 `json:"count"`
	Roots int64 `json:"roots"`
	// IsExceeded: there are more than MaxCount, so that none is accepted.
	IsExceeded bool `json:"is_exceeded"`
	HasExpired bool `json:"has_expired"`
}

// acceptances applies the acceptances to the signatures that were found.
func acceptances(e Evidence) (list []AcceptedSignature) {
	for _, a := range e.Accepted {
		s := AcceptedSignature{Acceptance: a, HasExpired: a.HasExpired(e.At)}
		if i := slices.IndexFunc(e.Diff.Signatures, func(s diff.Signature) bool { return s.ID == a.Signature }); i >= 0 {
			found := &e.Diff.Signatures[i]
			s.Class, s.Topic, s.Count, s.Roots = found.Class, found.Topic, found.Count, found.Roots
			s.IsExceeded = s.Count > a.MaxCount
		}
		list = append(list, s)
	}
	return list
}

// unaccepted has the findings without the accepted divergences.
type unaccepted struct {
	roots int64
	// cascades may be left where the roots that they follow are accepted.
	cascades int64
	byClass  map[diff.Class]int64
	// acceptedOf are the accepted divergences of each topic, rootsOf the roots among them.
	acceptedOf, rootsOf map[string]int64
	accepted            int64
}

func withoutAccepted(e Evidence) unaccepted {
	left := unaccepted{roots: e.Diff.Root, cascades: e.Diff.Cascade, byClass: map[diff.Class]int64{}, acceptedOf: map[string]int64{}, rootsOf: map[string]int64{}}
	for c, n := range e.Diff.ByClass {
		left.byClass[c] = n
	}
	for _, a := range acceptances(e) {
		if a.IsExceeded {
			continue
		}
		left.roots -= a.Roots
		left.cascades -= a.Count - a.Roots
		left.accepted += a.Count
		left.acceptedOf[a.Topic] += a.Count
		left.rootsOf[a.Topic] += a.Roots
		if left.byClass[a.Class] -= a.Count; left.byClass[a.Class] <= 0 {
			delete(left.byClass, a.Class)
		}
	}
	return left
}
