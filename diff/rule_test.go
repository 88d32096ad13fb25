package diff_test

import (
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/row"
)

// within is a whole rule that allows units in the last place.
func within(ulp float64) diff.Rule {
	return diff.Rule{Column: "V", ULP: ulp, Owner: "us", Reason: "sums in another order", Expires: "2100-12-31", MaxRate: 1}
}

func TestARuleSaysWhatItAllowsAndWhoAnswersForIt(t *testing.T) {
	if err := within(4).Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*diff.Rule){
		"column":                      func(r *diff.Rule) { r.Column = "" },
		"a rule allows one of":        func(r *diff.Rule) { r.ULP = 0 },
		"a rule allows one of ignore": func(r *diff.Rule) { r.Ignore = true },
		"a rule allows one of ignore, absolute, relative, epsilon, ulp, time, ignore_case, ignore_space, uuid, null_is, only_in, bag and pair_by": func(r *diff.Rule) { r.Bag = true },
		`null_is: "missing" must be absent or empty`: func(r *diff.Rule) { r.ULP, r.NullIs = 0, "missing" },
		`only_in: "left" must be v1, v2 or either`:   func(r *diff.Rule) { r.ULP, r.OnlyIn = 0, "left" },
		`pair_by: "ID,," has an empty name`:          func(r *diff.Rule) { r.ULP, r.PairBy = 0, "ID,," },
		"the tolerance of a rule":                    func(r *diff.Rule) { r.ULP = -1 },
		"owner: \"us\\nthem\" is not one line":       func(r *diff.Rule) { r.Owner = "us\nthem" },
		"owner":                                      func(r *diff.Rule) { r.Owner = "" },
		"reason":                                     func(r *diff.Rule) { r.Reason = "" },
		`expires: "tomorrow" is not a date`:          func(r *diff.Rule) { r.Expires = "tomorrow" },
		"max_rate: 0":                                func(r *diff.Rule) { r.MaxRate = 0 },
		"max_rate: 1.5":                              func(r *diff.Rule) { r.MaxRate = 1.5 },
	} {
		r := within(4)
		change(&r)
		if err := r.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestARuleExpiresWhenItsLastDayIsOver(t *testing.T) {
	r := within(4)
	r.Expires = "2026-03-01"
	for text, want := range map[string]bool{"2026-03-01T23:59:59Z": false, "2026-03-02T00:00:00Z": true, "2026-03-02T01:00:00+02:00": false} {
		now, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if r.Expired(now) != want {
			t.Errorf("%s: expired is %v", text, !want)
		}
	}
}

func TestARuleThatIsAboutNothingIsRefused(t *testing.T) {
	sinks := []*row.Sink{sink()}
	for _, c := range []struct {
		topic, column string
		ok            bool
	}{{"", "v", true}, {"out", "V", true}, {"out", "timestamp", true}, {"out", "W", false}, {"other", "V", false}} {
		r := within(1)
		r.Topic, r.Column = c.topic, c.column
		if err := diff.CheckRules([]diff.Rule{r}, sinks); (err == nil) != c.ok {
			t.Errorf("%s.%s: %v", c.topic, c.column, err)
		}
	}
}
