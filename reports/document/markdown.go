package document

import (
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/processors/row"
	"parallax/reports/gate"
)

// mostInMarkdown is how many differences and columns the Markdown form shows.
const mostInMarkdown = 20

// Markdown writes the verdict for the summary of a CI job or a comment, and what a report
// adds to it.
func (d *Document) Markdown(w io.Writer) error {
	if err := d.Verdict.Markdown(w); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### Report of %s to %s (%s)\n\n**%s**\n", d.at(d.Window.From), d.at(d.Window.To), d.Window.Location(), d.Decision())
	switch {
	case d.Changes == nil:
	case len(d.Changes.Sentences) == 0:
		b.WriteString("\nNothing changed since the last report.\n")
	default:
		fmt.Fprintf(&b, "\nSince the last report: %s\n", cell(strings.Join(d.Changes.Sentences, " ")))
	}
	for i, f := range d.Summary.EmissionFacts() {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- %s: %s.\n", f[0], cell(f[1]))
	}
	d.markdownDifferences(&b)
	d.markdownColumns(&b)
	for i, e := range d.Expiring {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "- The %s %s of %s %s.\n", e.Kind, cell(e.What), cell(e.Owner), e.Text())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Document) at(t time.Time) string {
	return t.In(d.Window.Location()).Format("2006-01-02 15:04")
}

func (d *Document) markdownDifferences(b *strings.Builder) {
	if len(d.Differences) == 0 {
		return
	}
	b.WriteString("\n| signature | status | first seen | last seen | explain |\n|---|---|---|---|---|\n")
	for i, of := range d.Differences {
		if i == mostInMarkdown {
			break // the verdict says how many there are
		}
		status, first, last := string(of.Status), "", ""
		if of.Accepted {
			status = "accepted"
		}
		if !of.FirstSeen.IsZero() {
			first, last = d.at(of.FirstSeen), d.at(of.LastSeen)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | `%s` |\n", of.Signature, status, first, last, strings.NewReplacer("`", "'", "|", "\\|", "\n", " ").Replace(of.Explain))
	}
}

func (d *Document) markdownColumns(b *strings.Builder) {
	n := 0
	for _, c := range d.Columns {
		if c.Differ+c.NullV1Only+c.NullV2Only == 0 || n == mostInMarkdown {
			continue
		}
		if n++; n == 1 {
			b.WriteString("\n| column | rows | differ | NULL in V1 only | NULL in V2 only |\n|---|---:|---:|---:|---:|\n")
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", cell(c.Topic+"."+c.Name), gate.Thousands(c.Rows), gate.Thousands(c.Differ), gate.Thousands(c.NullV1Only), gate.Thousands(c.NullV2Only))
	}
}

// longestCell bounds a text of the data.
const longestCell = 400

var markdownEscapes = strings.NewReplacer(
	"\\", "\\\\", "|", "\\|", "<", "&lt;", "&", "&amp;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[", "]", "\\]", "~", "\\~", "\n", " ", "\r", " ",
)

// cell makes a text of the data plain text in a cell of a table.
func cell(s string) string { return markdownEscapes.Replace(row.ShortenTo(s, longestCell)) }
