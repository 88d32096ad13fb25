package page

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/server/resource"
)

// tolerance is what a rule can tolerate, as the form offers it.
type tolerance struct {
	Name, Text string
	// set gives a rule the tolerance; amount is what the form has for it.
	set func(r *diff.Rule, amount string) error
}

// number sets an amount.
func number(of func(*diff.Rule) *float64) func(*diff.Rule, string) error {
	return func(r *diff.Rule, amount string) error {
		f, err := strconv.ParseFloat(strings.TrimSpace(amount), 64)
		if err != nil {
			return fmt.Errorf("the amount %q is not a number", amount)
		}
		*of(r) = f
		return nil
	}
}

// always sets what needs no amount.
func always(set func(*diff.Rule)) func(*diff.Rule, string) error {
	return func(r *diff.Rule, _ string) error {
		set(r)
		return nil
	}
}

var tolerances = []tolerance{
	{"absolute", "numbers that differ by at most the amount", number(func(r *diff.Rule) *float64 { return &r.Absolute })},
	{"relative", "numbers that differ by at most this fraction of V1's", number(func(r *diff.Rule) *float64 { return &r.Relative })},
	{"ulp", "DOUBLEs that differ by this many units in the last place", number(func(r *diff.Rule) *float64 { return &r.ULP })},
	{"time", "times that differ by at most a duration, such as 5s", func(r *diff.Rule, amount string) (err error) {
		r.Time, err = time.ParseDuration(strings.TrimSpace(amount))
		return err
	}},
	{"ignore_case", "upper and lower case of texts", always(func(r *diff.Rule) { r.IgnoreCase = true })},
	{"ignore_space", "white space of texts", always(func(r *diff.Rule) { r.IgnoreSpace = true })},
	{"uuid", "any two UUIDs", always(func(r *diff.Rule) { r.UUID = true })},
	{"null_is_empty", "NULL where the other side is empty", always(func(r *diff.Rule) { r.NullIs = "empty" })},
	{"null_is_absent", "NULL where the other side has nothing", always(func(r *diff.Rule) { r.NullIs = "absent" })},
	{"bag", "ARRAYs in another order", always(func(r *diff.Rule) { r.Bag = true })},
	{"ignore", "any difference of the column", always(func(r *diff.Rule) { r.Ignore = true })},
}

// ruleView is the form for a rule, with its effect once that is known.
type ruleView struct {
	Job                                                           resource.Job
	Topics, Columns                                               []string
	Tolerances                                                    []tolerance
	Topic, Column, Tolerance, Amount, Owner, Reason, Expires, Max string
	Text                                                          string
	Effect                                                        *effectView
	Error                                                         *failure
}

func (p *Pages) ruleForm(r *http.Request, by resource.Actor) (view, error) {
	q := r.URL.Query()
	v := ruleView{
		Topic: q.Get("topic"), Column: q.Get("column"), Tolerance: "absolute", Owner: by.Name, Max: "0.001",
		Expires: p.Now().AddDate(0, 1, 0).UTC().Format(time.DateOnly),
	}
	return p.rulePage(r, v, nil)
}

func (p *Pages) proposeRule(r *http.Request, by resource.Actor) (view, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	v := ruleView{
		Topic: value("topic"), Column: value("column"), Tolerance: value("tolerance"), Amount: value("amount"), Owner: value("owner"), Reason: value("reason"), Expires: value("expires"), Max: value("max_rate"),
	}
	rule, err := v.rule()
	if err != nil {
		return p.rulePage(r, v, resource.NewProblem(http.StatusUnprocessableEntity, "The rule is not complete", look.Sentence(err.Error()), ""))
	}
	v.Text = describe(rule)
	if isConfirmed(r) {
		if err := need(by, resource.Deploy); err != nil {
			return view{}, err
		}
	}
	effect, err := p.Service.ProposeRule(r.Context(), by, r.PathValue("job"), resource.RuleRequest{Rule: rule}, !isConfirmed(r))
	if err != nil {
		return p.rulePage(r, v, err)
	}
	if isConfirmed(r) {
		return view{redirect: address(r.PathValue("job"), "rules") + "?" + query("did", "rule")}, nil
	}
	v.Effect = effectOf(r.PathValue("job"), effect)
	return p.rulePage(r, v, nil)
}

// rule is the rule that a form describes.
func (v *ruleView) rule() (diff.Rule, error) {
	rule := diff.Rule{Topic: v.Topic, Column: v.Column, Owner: v.Owner, Reason: v.Reason, Expires: diff.Day(v.Expires)}
	i := slices.IndexFunc(tolerances, func(t tolerance) bool { return t.Name == v.Tolerance })
	if i < 0 {
		return rule, fmt.Errorf("choose what the rule tolerates")
	}
	if err := tolerances[i].set(&rule, v.Amount); err != nil {
		return rule, err
	}
	most, err := strconv.ParseFloat(v.Max, 64)
	if err != nil {
		return rule, fmt.Errorf("the largest fraction %q is not a number", v.Max)
	}
	rule.MaxRate = most
	return rule, rule.Validate()
}

func (p *Pages) rulePage(r *http.Request, v ruleView, failed error) (view, error) {
	var err error
	if v.Job, err = p.Service.Job(r.Context(), r.PathValue("job")); err != nil {
		return view{}, err
	}
	columns, err := p.Service.Columns(r.Context(), v.Job.Job)
	if err != nil {
		return view{}, err
	}
	for _, c := range columns {
		if !slices.Contains(v.Topics, c.Topic) {
			v.Topics = append(v.Topics, c.Topic)
		}
		if !slices.Contains(v.Columns, c.Name) {
			v.Columns = append(v.Columns, c.Name)
		}
	}
	v.Tolerances = tolerances
	status := http.StatusOK
	if failed != nil {
		f := failureOf(failed)
		v.Error, status = &f, f.Status
	}
	return view{template: "rule", title: "Propose a rule", section: "jobs", tab: "rules", job: &v.Job, data: v, status: status}, nil
}

// acceptView is the form for an acceptance, with its effect once that is known.
type acceptView struct {
	Job                         resource.Job
	Row                         signatureRow
	Owner, Reason, Expires, Max string
	Effect                      *effectView
	Error                       *failure
}

func (p *Pages) acceptForm(r *http.Request, by resource.Actor) (view, error) {
	v := acceptView{Owner: by.Name, Expires: p.Now().AddDate(0, 1, 0).UTC().Format(time.DateOnly)}
	return p.acceptPage(r, v, nil)
}

func (p *Pages) accept(r *http.Request, by resource.Actor) (view, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	v := acceptView{Owner: value("owner"), Reason: value("reason"), Expires: value("expires"), Max: value("max_count")}
	most, err := strconv.ParseInt(v.Max, 10, 64)
	if err != nil {
		return p.acceptPage(r, v, resource.NewProblem(http.StatusUnprocessableEntity, "The acceptance is not complete", fmt.Sprintf("The largest count %q is not a number.", v.Max), ""))
	}
	request := resource.AcceptRequest{Acceptance: gate.Acceptance{Signature: r.PathValue("s"), Owner: v.Owner, Reason: v.Reason, Expires: diff.Day(v.Expires), MaxCount: most}}
	if isConfirmed(r) {
		if err := need(by, resource.Deploy); err != nil {
			return view{}, err
		}
	}
	effect, err := p.Service.Accept(r.Context(), by, r.PathValue("job"), request, !isConfirmed(r))
	if err != nil {
		return p.acceptPage(r, v, err)
	}
	if isConfirmed(r) {
		return view{redirect: address(r.PathValue("job"), "differences", r.PathValue("s")) + "?" + query("did", "accept")}, nil
	}
	v.Effect = effectOf(r.PathValue("job"), effect)
	return p.acceptPage(r, v, nil)
}

func (p *Pages) acceptPage(r *http.Request, v acceptView, failed error) (view, error) {
	j, s, err := p.findSignature(r)
	if err != nil {
		return view{}, err
	}
	v.Job, v.Row = j, rowOf(j.Job, s)
	if v.Max == "" {
		v.Max = strconv.FormatInt(2*max(s.Count, 50), 10)
	}
	status := http.StatusOK
	if failed != nil {
		f := failureOf(failed)
		v.Error, status = &f, f.Status
	}
	return view{template: "accept", title: "Accept a difference", section: "jobs", tab: "differences", job: &v.Job, data: v, status: status}, nil
}
