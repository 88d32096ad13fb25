package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"

	"parallax/diff"
	"parallax/reports"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/look"
)

type differencesView struct {
	DifferencesLead string
	// Details open to examples, Compact are rows of a table.
	Details, Compact []template.HTML
	// AcceptedDetails are the details of accepted differences.
	AcceptedDetails []template.HTML
	MoreDifferences string
	Gone            []goneRow
	MoreGone        string
}

type goneRow struct{ ID, Class, Where, Count string }

type differenceView struct {
	ID, What, Kind, Status, Count, Explain string
	Class, Where, Roots                    string // of the compact form
	Facts                                  []fact
	Examples                               []exampleView
}

// The most bytes that differences take in the page: with examples, and as rows of a table.
// What does not fit is counted.
const (
	detailBytes  = 900 << 10
	compactBytes = 400 << 10
	mostGone     = 200
)

func (p *painter) differences() (differencesView, error) {
	list := p.Summary.Signatures
	v := differencesView{DifferencesLead: p.differencesLead()}
	left, leftCompact, shown := detailBytes, compactBytes, 0
	for i := range list {
		d := p.difference(&list[i], p.Differences[i])
		if left > 0 {
			p.open(&d, &list[i], p.Differences[i])
			text, err := execute("difference", d)
			if err != nil {
				return v, err
			}
			if left -= len(text); left >= 0 {
				if p.Differences[i].Accepted {
					v.AcceptedDetails = append(v.AcceptedDetails, text)
				} else {
					v.Details = append(v.Details, text)
				}
				shown = i + 1
				continue
			}
			left = 0 // the list is in order of weight: a smaller one does not take its place
		}
		text, err := execute("compact", d)
		if err != nil {
			return v, err
		}
		if leftCompact -= len(text); leftCompact < 0 {
			break
		}
		v.Compact, shown = append(v.Compact, text), i+1
	}
	v.MoreDifferences = more(len(list), shown, "differences")
	if c := p.Changes; c != nil {
		for _, g := range clip(c.Gone, mostGone) {
			v.Gone = append(v.Gone, goneRow{look.Name(g.Signature), look.Name(string(g.Class)), whereOf(g.Topic, g.Columns), gate.Thousands(g.Count)})
		}
		v.MoreGone = more(len(c.Gone), mostGone, "differences are gone")
	}
	return v, nil
}

func execute(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, name, data)
	return template.HTML(b.String()), err
}

func (p *painter) differencesLead() string {
	s := &p.Summary
	if len(s.Signatures) == 0 {
		if s.Ledger.Compared == 0 {
			return "Nothing was compared, so no difference could be found."
		}
		return "None was found."
	}
	text := fmt.Sprintf("%s of %s: %s, and %s that follow from them.", look.Count(int64(len(s.Signatures)), "signature"),
		look.Count(s.Divergences.Root+s.Divergences.Cascade, "divergence"), look.Count(s.Divergences.Root, "root"), look.Count(s.Divergences.Cascade, "cascade"))
	switch n := p.acceptedSignatures(); {
	case n == len(s.Signatures):
		text += " All of them are accepted."
	case n > 0:
		text += fmt.Sprintf(" %s accepted.", plural(n, "signature is", "signatures are"))
	}
	if c := p.Changes; c != nil {
		text += fmt.Sprintf(" %d new, %d known, %d gone since the last report.", c.New, c.Known, len(c.Gone))
	}
	if where := s.Divergences.Origin.Text(); where != "" {
		text += " " + look.Sentence(where)
	}
	return text
}

// acceptedSignatures counts the signatures that are accepted.
func (p *painter) acceptedSignatures() (n int) {
	for i := range p.Differences {
		if p.Differences[i].Accepted {
			n++
		}
	}
	return n
}

func plural(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return gate.Thousands(int64(n)) + " " + several
}

func (p *painter) difference(s *diff.Signature, of document.Difference) differenceView {
	d := differenceView{
		ID: look.Name(s.ID), What: string(s.Class), Kind: "fail", Status: string(of.Status), Explain: look.Name(of.Explain),
		Class: look.Name(string(s.Class)), Where: where(s), Count: gate.Thousands(s.Count), Roots: gate.Thousands(s.Roots),
	}
	if d.Where != "" {
		d.What += " in " + d.Where
	}
	switch {
	case of.Accepted:
		d.Kind, d.Status = "plain", "accepted"
	case of.Status == document.StatusKnown:
		d.Kind = "inconclusive"
	}
	return d
}

// open adds what is shown of a difference when it is opened.
func (p *painter) open(d *differenceView, s *diff.Signature, of document.Difference) {
	add := func(name, value string) {
		if value != "" {
			d.Facts = append(d.Facts, fact{name, value})
		}
	}
	add("Signature", look.Name(s.ID))
	add("Count", fmt.Sprintf("%s, %s and %s", d.Count, look.Count(s.Roots, "root"), look.Count(s.Count-s.Roots, "cascade")))
	if !of.FirstSeen.IsZero() {
		add("First seen", p.moment(of.FirstSeen))
		if of.Persists {
			add("Last seen", p.moment(of.LastSeen)+": it still occurs")
		} else {
			add("Last seen", p.moment(of.LastSeen)+": it has not occurred since")
		}
	}
	add("What it is", look.Text(reports.ClassText(s.Class)))
	add("That is", look.Text(s.Note))
	add("Hypothesis", look.Text(s.HypothesisText))
	if len(s.V2Partitions) > 0 {
		add("V2's partitions", numbers(s.V2Partitions))
	}
	d.Examples = append(d.Examples, examples(s)...)
}

const mostNumbers = 64

func numbers(list []int32) string {
	var b strings.Builder
	for i, n := range clip(list, mostNumbers) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	if n := len(list) - mostNumbers; n > 0 {
		fmt.Fprintf(&b, " and %d more", n)
	}
	return b.String()
}
