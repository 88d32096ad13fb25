package page

import (
	"fmt"

	"parallax/reports/gate"
	"parallax/reports/look"
)

type toleratedView struct {
	Expiring     []string
	Rules        []ruleView
	MoreRules    string
	Accepted     []acceptedRow
	MoreAccepted string
}

type ruleView struct {
	Text, Kind, Expires, Count, Owner, Reason, Limit string
	Examples                                         []exampleView
}

type acceptedRow struct{ Signature, Kind, Expires, Owner, Reason, Count, Limit string }

const (
	mostRules    = 60
	mostAccepted = 200
)

func (p *painter) tolerated() toleratedView {
	rules := p.Summary.Tolerated
	v := toleratedView{MoreRules: more(len(rules), mostRules, "rules"), MoreAccepted: more(len(p.Verdict.Accepted), mostAccepted, "acceptances")}
	expiring := map[string]string{}
	for _, e := range clip(p.Document.Expiring, mostAccepted) {
		v.Expiring = append(v.Expiring, fmt.Sprintf("The %s %s of %s %s.", e.Kind, look.Name(e.What), look.Name(e.Owner), e.Text()))
		expiring[e.Kind+e.What] = "inconclusive"
		if e.Days < 0 {
			expiring[e.Kind+e.What] = "fail"
		}
	}
	for _, t := range clip(rules, mostRules) {
		r := ruleView{
			Text: look.Name(t.Text), Kind: "plain", Expires: "until " + look.Name(string(t.Rule.Expires)), Owner: look.Name(t.Rule.Owner), Reason: look.Text(t.Rule.Reason),
			Count: fmt.Sprintf("%s of %s rows", gate.Thousands(t.Rows), gate.Thousands(t.Of)),
			Limit: fmt.Sprintf("%s tolerated, at most %.3g %% may be", look.Share(t.Rows, t.Of), 100*t.Rule.MaxRate),
		}
		if kind, ok := expiring["rule"+t.Text]; ok {
			r.Kind = kind
		}
		if t.Rows == 0 {
			r.Limit = "It tolerated no row: check its topic, column and path, or remove it."
		}
		if t.Example != nil {
			r.Examples = append(r.Examples, example("First example", t.Example))
		}
		if t.Latest != nil {
			r.Examples = append(r.Examples, example("Latest example", t.Latest))
		}
		v.Rules = append(v.Rules, r)
	}
	for _, a := range clip(p.Verdict.Accepted, mostAccepted) {
		r := acceptedRow{look.Name(a.Signature), "plain", "until " + look.Name(string(a.Expires)), look.Name(a.Owner), look.Text(a.Reason), gate.Thousands(a.Count), gate.Thousands(a.MaxCount)}
		switch {
		case a.HasExpired:
			r.Kind, r.Expires = "fail", "expired on "+look.Name(string(a.Expires))
		case a.IsExceeded:
			r.Kind, r.Expires = "fail", "occurs more often than accepted"
		case expiring["acceptance"+a.Signature] != "":
			r.Kind = expiring["acceptance"+a.Signature]
		}
		v.Accepted = append(v.Accepted, r)
	}
	return v
}
