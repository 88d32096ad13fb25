package document

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// soon is how long before a rule or an acceptance expires the report says so.
const soon = 14

// Expiry is a rule or an acceptance that expired or expires soon.
type Expiry struct {
	// Kind is "rule" or "acceptance", What the rule's text or the signature.
	Kind  string `json:"kind"`
	What  string `json:"what"`
	Owner string `json:"owner"`
	// Expires is the last day on which it counts, Days how many days there are until it: 0 on
	// that day, below 0 after it.
	Expires string `json:"expires"`
	Days    int    `json:"days"`
}

// Text says when it expires.
func (e Expiry) Text() string {
	switch {
	case e.Days < 0:
		return "expired on " + e.Expires
	case e.Days == 0:
		return "expires today"
	case e.Days == 1:
		return "expires tomorrow"
	}
	return fmt.Sprintf("expires in %d days, on %s", e.Days, e.Expires)
}

func (d *Document) expiries() {
	d.Expiring = []Expiry{}
	add := func(kind, what, owner, expires string) {
		if days, ok := daysUntil(expires, d.Made); ok && days <= soon {
			d.Expiring = append(d.Expiring, Expiry{kind, what, owner, expires, days})
		}
	}
	for _, t := range d.Summary.Tolerated {
		add("rule", t.Text, t.Rule.Owner, string(t.Rule.Expires))
	}
	for _, a := range d.Verdict.Accepted {
		add("acceptance", a.Signature, a.Owner, string(a.Expires))
	}
	slices.SortStableFunc(d.Expiring, func(a, b Expiry) int { return strings.Compare(a.Expires, b.Expires) })
}

// daysUntil returns how many days of UTC there are until a day.
func daysUntil(day string, now time.Time) (days int, ok bool) {
	last, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, false
	}
	return int(last.Sub(now.UTC().Truncate(24*time.Hour)) / (24 * time.Hour)), true
}
