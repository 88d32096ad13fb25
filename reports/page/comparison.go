package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"parallax/diff"
	"parallax/diff/tables"
	"parallax/reports"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/look"
)

//go:embed comparison.html
var comparisonText string

var comparisonPage = template.Must(template.Must(templates.Clone()).Parse(comparisonText))

// Comparison is the comparison of two tables, as a page shows it.
type Comparison struct {
	Left, Right string
	Required    diff.Level
	Verdict     reports.ComparisonResult
	Reason      string
	Result      *tables.Result
	Made        time.Time
}

type comparisonView struct {
	Title, Made, Kind, State, Headline, Reason string
	Style                                      template.CSS
	Tiles                                      []tile
	Ledger                                     []bothSides
	Facts                                      []fact
	Pairs                                      []pairView
	MorePairs                                  string
	columnsView
	Rules []fact
}

// bothSides is a bucket of both ledgers.
type bothSides struct{ Name, Left, Right, Meaning string }

type pairView struct {
	ID, What, Count string
	Examples        []exampleView
}

// mostPairs is how many kinds of difference the page shows.
const mostPairs = 200

// WriteComparison draws a comparison.
func WriteComparison(w io.Writer, c Comparison) error {
	r := c.Result
	v := comparisonView{
		Title: fmt.Sprintf("%s: %s and %s", c.Verdict, look.Name(c.Left), look.Name(c.Right)),
		Made:  c.Made.UTC().Format("2 Jan 2006, 15:04:05 MST"), Style: template.CSS(style), State: string(c.Verdict),
		Headline: fmt.Sprintf("%s and %s are %s at %s", look.Name(c.Left), look.Name(c.Right), c.Verdict, c.Required), Reason: look.Sentence(look.Text(c.Reason)),
		MorePairs: more(len(r.Found.Signatures), mostPairs, "kinds of difference"),
	}
	v.Kind = map[reports.ComparisonResult]string{reports.Equal: "pass", reports.Different: "fail"}[c.Verdict]
	if v.Kind == "" {
		v.Kind = "inconclusive"
	}
	v.Tiles = comparisonTiles(r)
	for _, b := range reports.TableBuckets() {
		v.Ledger = append(v.Ledger, bothSides{b.Name, gate.Thousands(b.Of(r.Ledger[diff.V1])), gate.Thousands(b.Of(r.Ledger[diff.V2])), b.Meaning})
	}
	for side, name := range []string{"Left", "Right"} {
		v.Facts = append(v.Facts, fact{name, look.Text(r.Probe.Mapping[side].String())})
		for _, u := range r.Undecodable[side] {
			v.Facts = append(v.Facts, fact{name + ", undecodable", look.Text(u)})
		}
	}
	if r.Pairs() {
		for i := range clip(r.Found.Signatures, mostPairs) {
			v.Pairs = append(v.Pairs, pairOf(&r.Found.Signatures[i]))
		}
	}
	p := painter{Document: &document.Document{Columns: reports.EvidenceColumns(r.Columns)}, location: time.UTC}
	v.columnsView = p.columns()
	for _, t := range r.Found.Tolerated {
		v.Rules = append(v.Rules, fact{look.Name(t.Text), fmt.Sprintf("%s of %s rows, at most %.3g %%; %s, until %s: %s",
			gate.Thousands(t.Rows), gate.Thousands(t.Of), 100*t.Rule.MaxRate, look.Name(t.Rule.Owner), t.Rule.Expires, look.Text(t.Rule.Reason))})
	}
	return comparisonPage.ExecuteTemplate(w, "comparison", v)
}

func comparisonTiles(r *tables.Result) []tile {
	list := []tile{
		{"Level held", r.LevelHeld().String(), "at one frontier, the end"},
		{"Keys on both sides", gate.Thousands(r.Paired), fmt.Sprintf("of %s left, %s right", gate.Thousands(r.Identities[diff.V1]), gate.Thousands(r.Identities[diff.V2]))},
		{"Equal", gate.Thousands(r.Equal), gate.Thousands(r.Spelled) + " write numbers in another way"},
		{"Differing", gate.Thousands(r.Differing), gate.Thousands(r.Tolerated) + " more are tolerated"},
		{"On one side", gate.Thousands(r.Alone[diff.V1] + r.Alone[diff.V2]), fmt.Sprintf("%s left, %s right", gate.Thousands(r.Alone[diff.V1]), gate.Thousands(r.Alone[diff.V2]))},
	}
	if r.Windowed {
		list = append(list, tile{"Closed windows", gate.Thousands(r.Closed), gate.Thousands(r.ClosedDiffering) + " differ"})
	}
	if r.SampledOneOf > 1 {
		list = append(list, tile{"Sample", fmt.Sprintf("1 of %d keys", r.SampledOneOf), "all do not fit into the memory"})
	}
	return list
}

func pairOf(s *diff.Signature) pairView {
	v := pairView{ID: look.Name(s.ID), What: string(s.Class), Count: gate.Thousands(s.Count)}
	if at := whereOf("", s.Columns); at != "" {
		v.What += ": " + at
	}
	v.Examples = append(v.Examples, examples(s)...)
	if s.HypothesisText != "" {
		v.Examples[0].Facts = append(v.Examples[0].Facts, fact{"Hypothesis", look.Text(s.HypothesisText)})
	}
	return v
}
