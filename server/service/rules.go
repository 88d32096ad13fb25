package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/diff/records"
	"parallax/reports/gate"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/shadow/job"
)

// Rules returns the rules and acceptances in force, with what each has hidden.
func (s *Service) Rules(_ context.Context, name string) (resource.Rules, error) {
	list := resource.Rules{Rules: []resource.Rule{}, Accepted: []gate.AcceptedSignature{}}
	st, err := s.find(name)
	if err != nil {
		return list, err
	}
	e, err := s.view(name).evidence(st)
	if err != nil {
		return list, err
	}
	for _, r := range st.Spec.Loaded.Job.Diff.Rules {
		shown := resource.Rule{Rule: r}
		if i := slices.IndexFunc(e.Diff.Tolerated, func(t diff.Tolerated) bool { return t.Rule == r }); i >= 0 {
			shown.Hits = e.Diff.Tolerated[i].Rows
		}
		list.Rules = append(list.Rules, shown)
	}
	list.Accepted = filled(gate.Decide(st.Spec.Loaded.Job.Gate, e).Accepted)
	return list, nil
}

// ProposeRule adds a rule to those of the job, or says what it would have hidden of the stored
// samples.
func (s *Service) ProposeRule(ctx context.Context, by resource.Actor, name string, r resource.RuleRequest, isDryRun bool) (resource.RuleEffect, error) {
	e, err := s.ruleEffect(ctx, name, r.Rule)
	if isDryRun {
		return e, err
	}
	if err == nil {
		err = s.host.AddRule(name, r.Rule)
	}
	e.IsAdopted = err == nil
	return e, s.record(by, resource.AuditEntry{Job: name, What: "adopt a rule", After: r.Rule.String(), Reason: r.Rule.Reason}, err)
}

// ruleEffect says what a rule would have hidden.
func (s *Service) ruleEffect(ctx context.Context, name string, r diff.Rule) (resource.RuleEffect, error) {
	e := resource.RuleEffect{Signatures: []string{}, Says: []string{}}
	st, err := s.find(name)
	if err != nil {
		return e, err
	}
	if err := check(st.Spec.Loaded, r); err != nil {
		return e, resource.NewProblem(http.StatusUnprocessableEntity, "The rule cannot be used", err.Error(), "correct the rule")
	}
	hidden, left := map[string]bool{}, map[string]bool{}
	samples, err := s.samples(ctx, name)
	if err != nil {
		return e, err
	}
	for _, d := range samples {
		e.Of++
		if isHiddenBy(ctx, r, d) {
			e.Samples++
			hidden[d.Signature] = true
		} else {
			left[d.Signature] = true
		}
	}
	whole := map[string]bool{}
	for id := range hidden {
		if !left[id] {
			whole[id] = true
			e.Signatures = append(e.Signatures, id)
		}
	}
	slices.Sort(e.Signatures)
	e.Says = append(e.Says, fmt.Sprintf("of %d stored samples the rule hides %d", e.Of, e.Samples))
	if len(whole) > 0 {
		e.Says = append(e.Says, "every stored sample of "+strings.Join(e.Signatures, ", ")+" is hidden")
	}
	e.Says = append(e.Says, "once it is adopted, the evidence begins a new run: what was compared under other rules proves nothing about these")
	e.Verdict, err = s.verdictWithout(st, whole)
	return e, err
}

// check validates a rule against a job.
func check(l *config.Loaded, r diff.Rule) error {
	if err := r.Validate(); err != nil {
		return err
	}
	p, err := job.Compile(l)
	if err != nil {
		return err
	}
	return diff.CheckRules([]diff.Rule{r}, p.Sinks())
}

// mostSamples is how many samples a rule is tried on.
const mostSamples = 5000

// samples returns the stored samples, the newest first.
func (s *Service) samples(ctx context.Context, name string) (list []resource.Divergence, err error) {
	q := resource.DivergenceQuery{Limit: 500}
	for len(list) < mostSamples {
		page, err := s.Divergences(ctx, name, q)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Items...)
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	return list, nil
}

// isHiddenBy reports whether a rule tolerates the whole difference of a sample. The rows of
// both sides are compared as parallax compare does.
func isHiddenBy(ctx context.Context, r diff.Rule, d resource.Divergence) bool {
	if d.Example.V1 == "" || d.Example.V2 == "" {
		return false // a rule tolerates values, and no row that only one side has
	}
	opt := records.Options{Options: diff.Options{Require: diff.E1, Rules: []diff.Rule{r}}}
	res, err := records.Compare(ctx, bytes.NewReader(lineOf(d, d.Example.V1)), bytes.NewReader(lineOf(d, d.Example.V2)), "V1", "V2", opt)
	return err == nil && res.Root+res.Cascade == 0 && len(res.Tolerated) > 0 && res.Tolerated[0].Rows > 0
}

// lineOf is a side's row as a line of a file of output records.
func lineOf(d resource.Divergence, row string) []byte {
	line, err := json.Marshal(map[string]any{"topic": d.Topic, "partition": 0, "key": d.Example.Key, "value": json.RawMessage(row)})
	if err != nil {
		return nil // the text was cut short
	}
	return append(line, '\n')
}

// verdictWithout is what the verdict on the evidence would be without divergences of some
// signatures.
func (s *Service) verdictWithout(st jobs.Status, hidden map[string]bool) (string, error) {
	e, err := s.view(st.Name).evidence(st)
	if err != nil {
		return "", err
	}
	for _, g := range e.Diff.Signatures {
		if hidden[g.ID] { // as if they were accepted, however many they are
			e.Accepted = append(slices.DeleteFunc(slices.Clone(e.Accepted), func(a gate.Acceptance) bool { return a.Signature == g.ID }),
				gate.Acceptance{Signature: g.ID, Owner: "a rule", Reason: "dry run", Expires: "9999-12-31", MaxCount: max(1, g.Count)})
		}
	}
	v := gate.Decide(st.Spec.Loaded.Job.Gate, e)
	return string(v.State), nil
}

// Accept accepts the divergences of a signature as intended, or says what that would do.
func (s *Service) Accept(_ context.Context, by resource.Actor, name string, r resource.AcceptRequest, isDryRun bool) (resource.RuleEffect, error) {
	e, err := s.acceptEffect(name, r.Acceptance)
	if isDryRun {
		return e, err
	}
	if err == nil {
		err = s.host.Accept(name, r.Acceptance)
	}
	e.IsAdopted = err == nil
	return e, s.record(by, resource.AuditEntry{Job: name, What: "accept " + r.Signature, After: fmt.Sprintf("at most %d until %s", r.MaxCount, r.Expires), Reason: r.Reason}, err)
}

func (s *Service) acceptEffect(name string, a gate.Acceptance) (resource.RuleEffect, error) {
	e := resource.RuleEffect{Signatures: []string{}, Says: []string{}}
	st, err := s.find(name)
	if err != nil {
		return e, err
	}
	if err = a.Validate(); err == nil && a.HasExpired(time.Now()) {
		err = errors.New("expires: " + string(a.Expires) + " is over")
	}
	if err != nil {
		return e, resource.NewProblem(http.StatusUnprocessableEntity, "The acceptance cannot be used", err.Error(), "correct it")
	}
	ev, err := s.view(name).evidence(st)
	if err != nil {
		return e, err
	}
	ev.Accepted = append(slices.DeleteFunc(slices.Clone(ev.Accepted), func(b gate.Acceptance) bool { return b.Signature == a.Signature }), a)
	v := gate.Decide(st.Spec.Loaded.Job.Gate, ev)
	e.Verdict = string(v.State)
	for _, g := range ev.Diff.Signatures {
		e.Of += g.Count
	}
	for _, g := range v.Accepted {
		if g.Signature != a.Signature {
			continue
		}
		e.Samples = g.Count
		switch {
		case g.IsExceeded:
			e.Samples = 0
			e.Says = append(e.Says, fmt.Sprintf("there are %d divergences of %s, and at most %d would be accepted: none is", g.Count, a.Signature, a.MaxCount))
		case g.Count == 0:
			e.Says = append(e.Says, "the evidence has no divergence of "+a.Signature)
		default:
			e.Signatures = append(e.Signatures, a.Signature)
			e.Says = append(e.Says, fmt.Sprintf("%d divergences of %s are accepted, until %s", g.Count, a.Signature, a.Expires))
		}
	}
	e.Says = append(e.Says, "the verdict is "+e.Verdict+": "+v.Reason)
	return e, nil
}
