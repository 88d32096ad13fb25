package page

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
)

type comparedView struct {
	ComparedLead string
	Outputs      []outputRow
	MoreOutputs  string
	Strata       []stratumRow
	Records      string
	Ledger       []bucket
	Checks       []fact
	Mutations    []mutationRow
	Holes        []holeRow
	MoreHoles    string
}

type outputRow struct {
	Topic, Kind, Level, Rows, Units, Unit, Keys, Roots, Tolerated string
}

type stratumRow struct{ Name, Rows, Kind, Required string }

type bucket struct {
	Name, Colour, Records, Percent, Meaning string
	// Share is 0 for a bucket without records.
	Share float64
}

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
		Strata: p.strata(), Records: gate.Thousands(p.Summary.Records), Ledger: p.ledger(), Checks: p.checks(), Mutations: p.mutations(),
	}
	v.ComparedLead = "There is no evidence in this time."
	if s := p.Stretch; !s.Last.IsZero() {
		processes := "1 process"
		if s.Incarnations != 1 {
			processes = gate.Thousands(int64(s.Incarnations)) + " processes"
		}
		v.ComparedLead = fmt.Sprintf("Evidence from %s to %s (%s), of %s.", p.moment(s.First), p.moment(s.Last), duration(s.Last.Sub(s.First)), processes)
	}
	holes := p.holes()
	v.Holes, v.MoreHoles = clip(holes, mostHoles), more(len(holes), mostHoles, "holes")
	return v
}

func (p *painter) outputs() (list []outputRow) {
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
			short(o.Topic), kind, o.LevelHeld.String(), gate.Thousands(o.Rows), gate.Thousands(o.Units), string(o.Unit), keys, gate.Thousands(o.Root), gate.Thousands(o.ToleratedRows),
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
		r := stratumRow{short(name), gate.Thousands(p.Strata[name]), "plain", "not required"}
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

func (p *painter) ledger() (list []bucket) {
	l := p.Summary.Ledger
	all := p.Summary.Records
	for _, b := range []struct {
		name, colour, meaning string
		n                     int64
		always                bool
	}{
		{"Compared", "b1", "Both paths finished it.", l.Compared, true},
		{"Filtered", "b2", "Both paths dropped it." + late(p.Summary.Late), l.Filtered, true},
		{"Sampled out", "b5", "Its key is not in the sample.", l.SampledOut, false},
		{"Undecodable", "b3", "It could not be decoded, and became a dead letter.", l.Undecodable, false},
		{"V1 error", "b3", "V1 rejected it.", l.V1Error, false},
		{"V2 error", "b4", "It was in the batch in which V2 failed.", l.V2Error, false},
		{"Not comparable", "b4", "V2 was detached or off.", l.NotComparable, false},
		{"Shed", "b4", "V2 was detached because of overload.", l.Shed, false},
		{"Pending", "b5", "V2 had not processed it yet.", l.Pending, false},
		{"Gap", "b4", "It is in no bucket, or in two: the tool is wrong.", l.Gap, false},
	} {
		if b.n == 0 && !b.always {
			continue
		}
		row := bucket{Name: b.name, Colour: b.colour, Records: gate.Thousands(b.n), Percent: "–", Meaning: b.meaning}
		if all > 0 && b.n > 0 {
			row.Share = float64(b.n) / float64(all)
			row.Percent = share(b.n, all)
		}
		list = append(list, row)
	}
	return list
}

func late(n int64) string {
	if n == 0 {
		return ""
	}
	return " " + gate.Thousands(n) + " of them came too late for every window."
}

// share is a part of a whole in per cent; small parts are not rounded to 0.
func share(n, of int64) string {
	f := 100 * float64(n) / float64(of)
	switch {
	case n == 0 || of == 0:
		return "0 %"
	case f < 0.01:
		return "< 0.01 %"
	case n < of && f > 99.99:
		return "> 99.99 %"
	}
	return fmt.Sprintf("%.2f %%", f)
}

func (p *painter) checks() []fact {
	s := p.Summary
	states := "not compared"
	if c := s.States; c.Equal+c.Differing+c.NotCompared > 0 {
		states = fmt.Sprintf("equal at %s of %s", gate.Thousands(c.Equal), count(c.Equal+c.Differing, "checkpoint"))
		if c.NotCompared > 0 {
			states += ", " + gate.Thousands(c.NotCompared) + " more not compared"
		}
	}
	if why := s.States.Why; why != "" {
		states += ": " + text(why)
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
	return []fact{{"State", sentence(states)}, {"Second opinion", sentence(opinion)}, {"Sensitivity", sentence(sensitivity)}}
}

func batches(n int64) string {
	if n == 1 {
		return "1 batch"
	}
	return gate.Thousands(n) + " batches"
}

func (p *painter) mutations() (list []mutationRow) {
	for _, m := range clip(p.Sensitivity.Mutations, mostOutputs) {
		r := mutationRow{short(m.Name), short(m.Class), gate.Thousands(m.Injected), gate.Thousands(m.Detected), "pass", "all detected", text(m.Missed)}
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
		list = append(list, holeRow{kind, count(h.Records, "record") + " not compared", text(h.Reason)})
	}
	for _, i := range p.Stretch.Interruptions {
		list = append(list, holeRow{"Before this stretch: " + interruption(i.Kind), p.moment(i.At) + ", to position " + gate.Thousands(i.To), text(i.Reason)})
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
	return short(kind)
}

// duration is a time as people read it.
func duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// where says to which output and columns a difference belongs.
func where(s *diff.Signature) string { return whereOf(s.Topic, s.Columns) }

const mostColumnNames = 8

func whereOf(topic string, columns []string) string {
	t := short(topic)
	for i, c := range clip(columns, mostColumnNames) {
		switch {
		case i > 0:
			t += ", "
		case t != "":
			t += ": "
		}
		t += short(c)
	}
	if n := len(columns) - mostColumnNames; n > 0 {
		t += fmt.Sprintf(" and %d more", n)
	}
	return t
}
