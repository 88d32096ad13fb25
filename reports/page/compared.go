package page

import (
	"fmt"
	"maps"
	"slices"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/look"
)

type comparedView struct {
	ComparedLead string
	Outputs      []outputRow
	MoreOutputs  string
	Strata       []stratumRow
	Records      string
	Ledger       []look.Bucket
	Checks       []fact
	Mutations    []mutationRow
	Holes        []holeRow
	MoreHoles    string
}

type outputRow struct {
	Topic, Kind, Level, Rows, Units, Unit, Keys, Roots, Tolerated, Accepted string
}

type stratumRow struct{ Name, Rows, Kind, Required string }

type mutationRow struct {
	Name, Class, Injected, Detected, Kind, Result, Missed string
}

type holeRow struct{ Kind, Where, Why string }

const (
	mostOutputs = 200
	mostHoles   = 100
)

func (p *painter) compared() comparedView {
	v := comparedView{
		Outputs: p.outputs(), MoreOutputs: more(len(p.Summary.ByOutput), mostOutputs, "outputs"),
		Strata: p.strata(), Records: gate.Thousands(p.Summary.Records), Ledger: look.Ledger(p.Summary.Ledger, p.Summary.Records, p.Summary.Late), Checks: p.checks(), Mutations: p.mutations(),
	}
	v.ComparedLead = "There is no evidence in this time."
	if s := p.Stretch; !s.Last.IsZero() {
		processes := "1 process"
		if s.Incarnations != 1 {
			processes = gate.Thousands(int64(s.Incarnations)) + " processes"
		}
		v.ComparedLead = fmt.Sprintf("Evidence from %s to %s (%s), of %s.", p.moment(s.First), p.moment(s.Last), look.Duration(s.Last.Sub(s.First)), processes)
	}
	holes := p.holes()
	v.Holes, v.MoreHoles = clip(holes, mostHoles), more(len(holes), mostHoles, "holes")
	return v
}

func (p *painter) outputs() (list []outputRow) {
	accepted := map[string]int64{}
	for _, a := range p.Verdict.Accepted {
		if !a.IsExceeded {
			accepted[a.Topic] += a.Count
		}
	}
	for _, o := range clip(p.Summary.ByOutput, mostOutputs) {
		kind := "fail"
		switch {
		case o.Rows == 0:
			kind = "plain"
		case o.LevelHeld >= p.Summary.Policy.RequireLevel:
			kind = "pass"
		}
		keys := "–"
		if o.Unit.IsKeyed() {
			if keys = gate.Thousands(o.Keys); o.KeysAtLeast {
				keys = "≥ " + keys
			}
		}
		list = append(list, outputRow{
			look.Name(o.Topic), kind, o.LevelHeld.String(), gate.Thousands(o.Rows), gate.Thousands(o.Units), string(o.Unit), keys, gate.Thousands(o.Root), gate.Thousands(o.ToleratedRows), gate.Thousands(accepted[o.Topic]),
		})
	}
	return list
}

func (p *painter) strata() (list []stratumRow) {
	required := map[string]int64{}
	names := slices.Collect(maps.Keys(p.Strata))
	for _, s := range p.Summary.Policy.Strata.List() {
		if required[s.Name] = s.Min; s.Min > 0 && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	for _, name := range clip(names, mostOutputs) {
		r := stratumRow{look.Name(name), gate.Thousands(p.Strata[name]), "plain", "not required"}
		if least := required[name]; least > 0 {
			r.Kind, r.Required = "pass", gate.Thousands(least)+" required"
			if p.Strata[name] < least {
				r.Kind = "inconclusive"
			}
		}
		list = append(list, r)
	}
	return list
}

func (p *painter) checks() []fact {
	s := p.Summary
	states := "not compared"
	if c := s.States; c.Equal+c.Differing+c.NotCompared > 0 {
		states = fmt.Sprintf("equal at %s of %s", gate.Thousands(c.Equal), look.Count(c.Equal+c.Differing, "checkpoint"))
		if c.NotCompared > 0 {
			states += ", " + gate.Thousands(c.NotCompared) + " more not compared"
		}
	}
	if why := s.States.Why; why != "" {
		states += ": " + look.Text(why)
	}
	opinion := "none in this evidence"
	if o := s.SecondOpinions; o.Equal+o.Differing > 0 {
		opinion = fmt.Sprintf("the bytes of both sides were compared in %s (%s found equal, %s with differences)",
			batches(o.Equal+o.Differing), gate.Thousands(o.Equal), gate.Thousands(o.Differing))
	}
	var injected, detected int64
	for _, m := range p.Sensitivity.Mutations {
		injected, detected = injected+m.Injected, detected+m.Detected
	}
	sensitivity := "no mutation was injected"
	if injected > 0 {
		sensitivity = fmt.Sprintf("%s of %s injected mutations were detected with the right class", gate.Thousands(detected), gate.Thousands(injected))
	}
	return []fact{{"State", look.Sentence(states)}, {"Second opinion", look.Sentence(opinion)}, {"Sensitivity", look.Sentence(sensitivity)}}
}

func batches(n int64) string {
	if n == 1 {
		return "1 batch"
	}
	return gate.Thousands(n) + " batches"
}

func (p *painter) mutations() (list []mutationRow) {
	for _, m := range clip(p.Sensitivity.Mutations, mostOutputs) {
		r := mutationRow{look.Name(m.Name), look.Name(m.Class), gate.Thousands(m.Injected), gate.Thousands(m.Detected), "pass", "all detected", look.Text(m.Missed)}
		switch {
		case m.Injected == 0:
			r.Kind, r.Result = "plain", "none injected"
		case m.Detected < m.Injected:
			r.Kind, r.Result = "error", "missed"
		}
		list = append(list, r)
	}
	return list
}

// holes lists what has no evidence: positions that are missing, interruptions before the
// stretch, and the times without a V2.
func (p *painter) holes() (list []holeRow) {
	for _, m := range p.Stretch.Missing {
		list = append(list, holeRow{"Evidence missing", "positions " + gate.Thousands(m.From) + " to " + gate.Thousands(m.To), "No evidence of these positions was stored; they count as pending."})
	}
	for _, h := range p.Summary.V2.Holes {
		kind := "V2 failed"
		if h.Shed {
			kind = "V2 was shed"
		}
		list = append(list, holeRow{kind, look.Count(h.Records, "record") + " not compared", look.Text(h.Reason)})
	}
	for _, i := range p.Stretch.Interruptions {
		list = append(list, holeRow{"Before this stretch: " + interruption(i.Kind), p.moment(i.At) + ", to position " + gate.Thousands(i.To), look.Text(i.Reason)})
	}
	return list
}

func interruption(kind string) string {
	switch kind {
	case "hole":
		return "V2 was away"
	case "missing":
		return "evidence missing"
	}
	return look.Name(kind)
}

// where says to which output and columns a difference belongs.
func where(s *diff.Signature) string { return whereOf(s.Topic, s.Columns) }

const mostColumnNames = 8

func whereOf(topic string, columns []string) string {
	t := look.Name(topic)
	for i, c := range clip(columns, mostColumnNames) {
		switch {
		case i > 0:
			t += ", "
		case t != "":
			t += ": "
		}
		t += look.Name(c)
	}
	if n := len(columns) - mostColumnNames; n > 0 {
		t += fmt.Sprintf(" and %d more", n)
	}
	return t
}
