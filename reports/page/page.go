// Package page draws a report as one HTML file that needs no script and no network: for light
// and dark screens, phones and paper.
//
// Stability: ours.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"parallax/reports"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/look"
)

//go:embed page.html
var pageText string

//go:embed difference.html
var differenceText string

//go:embed style.css
var style string

var templates = template.Must(template.Must(template.New("page").Parse(pageText)).Parse(differenceText))

// view has the contents of the template. All texts are complete, and none is escaped.
type view struct {
	Title, Job, When, Made, Version string
	Style                           template.CSS

	Kind, State, Decision, Headline, Reason string
	Missing, Changes                        []string
	NoChanges                               string
	Tiles                                   []tile

	comparedView
	differencesView
	columnsView
	speedView
	toleratedView
	appendixView
}

// tile is a figure of the first screen.
type tile struct{ Name, Value, Note string }

// fact is a term with its value.
type fact struct{ Name, Value string }

// Write draws a report.
func Write(w io.Writer, d *document.Document) error {
	p := painter{d, d.Window.Location()}
	v, err := p.view()
	if err != nil {
		return err
	}
	return templates.ExecuteTemplate(w, "page", v)
}

// painter makes the views of a document.
type painter struct {
	*document.Document
	location *time.Location
}

func (p *painter) view() (*view, error) {
	s := &p.Summary
	v := &view{
		Title: fmt.Sprintf("%s: %s, Parallax report of %s", look.Name(s.Job), s.Verdict, p.Window.To.In(p.location).Format(time.DateOnly)),
		Job:   look.Name(s.Job), When: p.period(p.Window.From, p.Window.To) + " (" + p.location.String() + ")", Made: p.moment(p.Made), Version: look.Name(s.Version),
		Style: template.CSS(look.Tokens + look.Parts + style),
		Kind:  kindOf(s.Verdict), State: s.Verdict, Decision: p.Decision(), Headline: look.Sentence(look.Text(reports.Headline(*s))), Reason: look.Sentence(look.Text(s.Reason)),
		NoChanges: "There is no earlier report of this job.", Tiles: p.tiles(),
	}
	if gate.State(s.Verdict) == gate.Inconclusive {
		v.Reason = "" // the list of what is missing says it
		for _, m := range clip(p.Verdict.Missing, mostMissing) {
			v.Missing = append(v.Missing, look.Sentence(look.Text(m.Reason)))
		}
	}
	if p.Changes != nil {
		v.NoChanges = "Nothing changed since the report of " + p.moment(p.Changes.Since.To) + "."
		for _, c := range p.Changes.Sentences {
			v.Changes = append(v.Changes, look.Text(c))
		}
	}
	var err error
	v.comparedView, v.columnsView, v.speedView = p.compared(), p.columns(), p.speed()
	v.toleratedView, v.appendixView = p.tolerated(), p.appendix()
	v.differencesView, err = p.differences()
	return v, err
}

func (p *painter) tiles() []tile {
	s := &p.Summary
	list := []tile{
		{"Level held", s.LevelHeld.String(), "required: " + s.Policy.RequireLevel.String()},
		{"Records compared", gate.Thousands(s.Ledger.Compared + s.Ledger.Filtered), "of " + gate.Thousands(s.Records)},
		{"Root divergences", gate.Thousands(s.Divergences.Root), look.Count(int64(len(s.Signatures)), "signature")},
	}
	speed := tile{"V2's speed", "not known", "not measured"}
	if kind, r := s.Throughput.Judged(); r.Value != 0 {
		speed.Value, speed.Note = fmt.Sprintf("%.2f ×", float64(r.Value)), "of V1's, "+kind
		if r.CI95.IsKnown() {
			speed.Note = fmt.Sprintf("of V1's; 95 %%: %.2f to %.2f", r.CI95[0], r.CI95[1])
		}
	} else if r.Why != "" {
		speed.Note = look.Name(r.Why)
	}
	tax := tile{"Cost for V1", "not known", "shadow tax, not measured"}
	if t := s.Throughput.Tax; t.Value != nil {
		tax.Value, tax.Note = look.Percent(*t.Value), "shadow tax"
		if t.CI95 != nil {
			tax.Note = fmt.Sprintf("shadow tax; 95 %%: %.1f to %.1f %%", 100*t.CI95[0], 100*t.CI95[1])
		}
	}
	return append(list, speed, tax)
}

// kindOf is the class of a verdict in the style sheet.
func kindOf(verdict string) string {
	switch gate.State(verdict) {
	case gate.Pass, gate.Fail, gate.Inconclusive:
		return verdict
	}
	return "error"
}

// mostMissing is how many missing requirements are listed.
const mostMissing = 30

func (p *painter) moment(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.In(p.location).Format("Mon 2 Jan 2006, 15:04:05 MST")
}

func (p *painter) period(from, to time.Time) string {
	from, to = from.In(p.location), to.In(p.location)
	return from.Format("Mon 2 Jan 2006, 15:04") + " to " + to.Format("Mon 2 Jan 2006, 15:04")
}

// clip returns the first elements of a list.
func clip[T any](list []T, most int) []T { return list[:min(len(list), most)] }

// more says how many elements of a list are not shown; "" for none.
func more(all, most int, what string) string {
	if all <= most {
		return ""
	}
	return fmt.Sprintf("%s more %s: the JSON form has all of them.", gate.Thousands(int64(all-most)), what)
}
