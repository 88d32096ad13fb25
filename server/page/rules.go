package page

import (
	"fmt"
	"net/http"
	"strings"

	"parallax/diff"
	"parallax/reports/look"
	"parallax/server/resource"
)

// rulesView lists what is tolerated and what is accepted.
type rulesView struct {
	Job      resource.Job
	Rules    []ruleRow
	Accepted []acceptedRow
}

type ruleRow struct {
	resource.Rule
	Text, Kind, Expiry, Limit string
}

type acceptedRow struct {
	Signature, Address, Where, Owner, Reason, Kind, Expiry string
	Count, Limit                                           int64
}

func (p *Pages) rules(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	list, err := p.Service.Rules(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	v := rulesView{Job: j}
	for _, one := range list.Rules {
		row := ruleRow{Rule: one, Text: look.Text(one.String()), Limit: fmt.Sprintf("%.3g %% of the rows", 100*one.MaxRate)}
		row.Kind, row.Expiry = p.expiry(string(one.Expires), one.Expired(p.Now()))
		v.Rules = append(v.Rules, row)
	}
	for _, a := range list.Accepted {
		row := acceptedRow{
			Signature: a.Signature, Address: address(j.Job, "differences", a.Signature), Where: look.Name(string(a.Class) + " " + a.Topic), Owner: a.Owner, Reason: a.Reason, Count: a.Count, Limit: a.MaxCount,
		}
		row.Kind, row.Expiry = p.expiry(string(a.Expires), a.Acceptance.HasExpired(p.Now()))
		if a.IsExceeded {
			row.Kind, row.Expiry = "fail", "exceeded"
		}
		v.Accepted = append(v.Accepted, row)
	}
	return view{template: "rules", title: "Rules of " + look.Name(j.Job), section: "jobs", tab: "rules", job: &j, data: v}, nil
}

// expiry says until when something is in force.
func (p *Pages) expiry(day string, isOver bool) (kind, text string) {
	soon := p.Now().AddDate(0, 0, 14).UTC().Format("2006-01-02")
	switch {
	case isOver:
		return "fail", "expired " + look.Name(day)
	case day <= soon:
		return "inconclusive", "until " + look.Name(day)
	}
	return "plain", "until " + look.Name(day)
}

// effectView is what a rule or an acceptance would hide.
type effectView struct {
	resource.RuleEffect
	Percent float64
	Links   []link
}

func effectOf(job string, e resource.RuleEffect) *effectView {
	v := &effectView{RuleEffect: e}
	if e.Of > 0 {
		v.Percent = 100 * float64(e.Samples) / float64(e.Of)
	}
	for _, s := range e.Signatures {
		v.Links = append(v.Links, link{s, address(job, "differences", s)})
	}
	return v
}

// isConfirmed reports whether a form asks to put something in force, not only to see its effect.
func isConfirmed(r *http.Request) bool { return r.PostFormValue("confirmed") == "yes" }

// describe is a rule as the job file has it.
func describe(r diff.Rule) string { return strings.TrimSpace(r.String()) }
