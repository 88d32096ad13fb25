package page

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"parallax/diff"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/reports/look"
	"parallax/server/resource"
)

// differencesView lists the signatures of a job.
type differencesView struct {
	Job  resource.Job
	Rows []signatureRow
	Open int
}

type signatureRow struct {
	resource.Signature
	Address, Where, What string
}

func (p *Pages) differences(r *http.Request, _ resource.Actor) (view, error) {
	j, err := p.Service.Job(r.Context(), r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	list, err := p.Service.Signatures(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	v := differencesView{Job: j}
	for _, s := range list {
		v.Rows = append(v.Rows, rowOf(j.Job, s))
		if s.Status == "open" {
			v.Open++
		}
	}
	return view{template: "differences", title: "Differences of " + look.Name(j.Job), section: "jobs", tab: "differences", job: &j, data: v}, nil
}

func rowOf(job string, s resource.Signature) signatureRow {
	what := look.Text(s.HypothesisText)
	if what == "" {
		what = reports.ClassText(s.Class)
	}
	if s.Note == what { // it is said already
		s.Note = ""
	}
	return signatureRow{s, address(job, "differences", s.ID), whereOf(s.Topic, s.Columns), look.Sentence(what)}
}

// whereOf is an output and its columns.
func whereOf(topic string, columns []string) string {
	const most = 6
	where := look.Name(topic)
	if topic == "" { // a difference of the run, such as of its state or of its records' fates
		where = "the whole job"
	}
	if len(columns) == 0 {
		return where
	}
	var names []string
	for _, c := range columns[:min(len(columns), most)] {
		names = append(names, look.Name(c))
	}
	if more := len(columns) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return where + ": " + strings.Join(names, ", ")
}

// signatureView is a signature with its stored examples.
type signatureView struct {
	Job      resource.Job
	Row      signatureRow
	Examples []exampleView
	// Explained is the newest explanation; nil for none.
	Explained *explainedView
	// Next is the address of more examples, "" for none.
	Next string
}

// explainedView leads to an explanation that was made before.
type explainedView struct {
	resource.Explanation
	Address string
}

// exampleView is a divergence with both rows side by side.
type exampleView struct {
	resource.Divergence
	Key, Cause string
	// Only is the side that alone has a row, V1 or V2; "" if both have one. IsWhole: the row is
	// one that both sides have, and is shown to say which key it is about.
	Only    string
	IsWhole bool
	// State are the entries of the state that differ, of a difference that was found in it.
	State *stateView
	// KeyAddress is the page of the key's timeline, "" for rows without a key.
	KeyAddress string
	Sides      []look.Side
}

// stateView is where the state differs.
type stateView struct {
	Where, Entries string
	Keys           []look.Side
}

// mostExamples is how many stored examples a page shows.
const mostExamples = 20

func (p *Pages) signature(r *http.Request, _ resource.Actor) (view, error) {
	j, s, err := p.findSignature(r)
	if err != nil {
		return view{}, err
	}
	found, err := p.Service.Divergences(r.Context(), j.Job, resource.DivergenceQuery{Signature: s.ID, After: r.URL.Query().Get("after"), Limit: mostExamples})
	if err != nil {
		return view{}, err
	}
	v := signatureView{Job: j, Row: rowOf(j.Job, s)}
	if found.Next != "" {
		v.Next = v.Row.Address + "?" + query("after", found.Next)
	}
	explained, err := p.Service.Explanations(r.Context(), j.Job)
	if err != nil {
		return view{}, err
	}
	if i := slices.IndexFunc(explained, func(e resource.Explanation) bool { return e.Signature == s.ID && e.State == "done" }); i >= 0 {
		v.Explained = &explainedView{explained[i], address(j.Job, "explain", explained[i].ID)}
	}
	for _, d := range found.Items {
		v.Examples = append(v.Examples, exampleOf(j.Job, d))
	}
	if len(found.Items) == 0 && r.URL.Query().Get("after") == "" && (s.Example.V1 != "" || s.Example.V2 != "") {
		v.Examples = append(v.Examples, exampleOf(j.Job, resource.Divergence{Signature: s.ID, Class: s.Class, Topic: s.Topic, At: s.First, Example: s.Example}))
	}
	return view{template: "signature", title: "Difference " + look.Name(s.ID), section: "jobs", tab: "differences", job: &j, data: v}, nil
}

// findSignature returns the signature of a request, and its job.
func (p *Pages) findSignature(r *http.Request) (j resource.Job, s resource.Signature, err error) {
	if j, err = p.Service.Job(r.Context(), r.PathValue("job")); err != nil {
		return j, s, err
	}
	list, err := p.Service.Signatures(r.Context(), j.Job)
	if err != nil {
		return j, s, err
	}
	for _, s := range list {
		if s.ID == r.PathValue("s") {
			return j, s, nil
		}
	}
	return j, s, resource.NewProblem(http.StatusNotFound, "Difference not found", "The job "+j.Job+" has no signature "+r.PathValue("s")+".", "A new run begins without differences: look at the list.")
}

func exampleOf(job string, d resource.Divergence) exampleView {
	e := exampleView{Divergence: d, Key: look.Text(d.Example.KeyText()), Cause: causes(d.Example.Causes), Sides: look.Sides(&d.Example)}
	switch {
	case d.Example.V1 == "" && d.Example.V2 != "":
		e.Only = "V2"
	case d.Example.V2 == "" && d.Example.V1 != "":
		e.Only = "V1"
	}
	e.IsWhole = d.Class == diff.Routing
	if s := d.Example.State; s != nil {
		e.State = &stateView{Where: look.Name(s.Stage) + " after " + look.Count(s.Position, "record")}
		if e.State.Entries = gate.Thousands(s.Entries) + " entries"; s.Entries == 1 {
			e.State.Entries = "1 entry"
		}
		for _, k := range s.Keys {
			e.State.Keys = append(e.State.Keys, look.Side{Name: look.Name(k.Key), V1: look.Text(k.V1), V2: look.Text(k.V2), Differs: true})
		}
	}
	if key := keyOf(d.Example); key != "" {
		e.KeyAddress = address(job, "key") + "?" + query("topic", d.Topic, "key", key)
	}
	return e
}

// keyOf is the text of a row's key without its window; "" for rows without a key.
func keyOf(e diff.Example) string {
	e.Window = nil
	return e.KeyText()
}

// causes are the input records of a row.
func causes(list []diff.Cause) string {
	const most = 8
	var parts []string
	for _, c := range list[:min(len(list), most)] {
		parts = append(parts, fmt.Sprintf("%s/%d@%d", look.Name(c.Topic), c.Partition, c.Offset))
	}
	return strings.Join(parts, ", ")
}
