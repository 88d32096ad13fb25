package document

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"parallax/reports"
)

// Text writes the report for a terminal: what is different from the report before, and the
// summary as `parallax run` prints it. Sequences of colours go to terminal, the writer behind
// w; nil means no colours.
func (d *Document) Text(w, terminal io.Writer) error {
	if err := reports.StyledText(w, terminal, d.Summary); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nreport        %s to %s (%s)\n", d.at(d.Window.From), d.at(d.Window.To), d.Window.Location())
	fmt.Fprintf(&b, "  decision    %s\n", d.Decision())
	if d.Changes != nil {
		for i, c := range d.Changes.Sentences {
			heading := "  changes     "
			if i > 0 {
				heading = strings.Repeat(" ", len(heading))
			}
			fmt.Fprintf(&b, "%s%s\n", heading, c)
		}
		if len(d.Changes.Sentences) == 0 {
			b.WriteString("  changes     nothing since the last report\n")
		}
	}
	for _, f := range slices.Concat(d.Verdict.Migration.Facts(), d.Summary.EmissionFacts()) {
		fmt.Fprintf(&b, "  %-11s %s\n", f[0], f[1])
	}
	for _, e := range d.Expiring {
		fmt.Fprintf(&b, "  expires     the %s %s of %s %s\n", e.Kind, e.What, e.Owner, e.Text())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
