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
	"strings"
	"time"

	"parallax/reports"
	"parallax/reports/document"
	"parallax/reports/gate"
)

//go:embed page.html
var pageText string

//go:embed difference.html
var differenceText string

//go:embed style.css
var style string

var templates = template.Must(template.Must(template.New("page").Parse(pageText)).Parse(differenceText))

// view is what the template shows. All texts are complete, and none is escaped.
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
		Title: fmt.Sprintf("%s: %s, Parallax report of %s", short(s.Job), s.Verdict, p.Window.To.In(p.location).Format(time.DateOnly)),
		Job:   short(s.Job), When: p.period(p.Window.From, p.Window.To) + " (" + p.location.String() + ")", Made: p.moment(p.Made), Version: short(s.Version),
		Style: template.CSS(style),
		Kind:  kindOf(s.Verdict), State: s.Verdict, Decision: p.Decision(), Headline: sentence(text(reports.Headline(*s))), Reason: sentence(text(s.Reason)),
		NoChanges: "There is no earlier report of this job.", Tiles: p.tiles(),
	}
	if gate.State(s.Verdict) == gate.Inconclusive {
		v.Reason = "" // the list of what is missing says it
		for _, m := range clip(p.Verdict.Missing, mostMissing) {
			v.Missing = append(v.Missing, sentence(text(m.Reason)))
		}
	}
	if p.Changes != nil {
		v.NoChanges = "Nothing changed since the report of " + p.moment(p.Changes.Since.To) + "."
		for _, c := range p.Changes.Sentences {
			v.Changes = append(v.Changes, text(c))
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
		{"Root divergences", gate.Thousands(s.Divergences.Root), count(int64(len(s.Signatures)), "signature")},
	}
	speed := tile{"V2's speed", "not known", "not measured"}
	if kind, r := s.Throughput.Judged(); r.Value != 0 {
		speed.Value, speed.Note = fmt.Sprintf("%.2f ×", float64(r.Value)), "of V1's, "+kind
		if r.CI95.IsKnown() {
			speed.Note = fmt.Sprintf("of V1's; 95 %%: %.2f to %.2f", r.CI95[0], r.CI95[1])
		}
	} else if r.Why != "" {
		speed.Note = short(r.Why)
	}
	tax := tile{"Cost for V1", "not known", "shadow tax, not measured"}
	if t := s.Throughput.Tax; t.Value != nil {
		tax.Value, tax.Note = percent(*t.Value), "shadow tax"
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

// sentence begins with a capital and ends with a point.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

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

func percent(f float64) string { return fmt.Sprintf("%.1f %%", 100*f) }

// count is a number of things.
func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return gate.Thousands(n) + " " + what + "s"
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
