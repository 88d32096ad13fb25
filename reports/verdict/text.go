package verdict

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"parallax/reports/gate"
)

// Text writes the document for a terminal.
func (d Document) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  job %s\n", strings.ToUpper(string(d.Verdict)), d.Job)
	for _, reason := range strings.Split(d.Reason, "; ") {
		fmt.Fprintf(&b, "  %s\n", reason)
	}
	b.WriteString("\n")
	for _, f := range d.facts()[1:] {
		fmt.Fprintf(&b, "%-13s %s\n", f[0], f[1])
	}
	fmt.Fprintf(&b, "%-13s %s\n", "id", d.ID)
	b.WriteString("\nrules\n")
	for _, r := range d.Rules {
		state := string(r.State)
		if r.State == gate.Pass {
			state = "ok"
		}
		fmt.Fprintf(&b, "  %-13s %-20s %s\n", state, r.Name, r.Wants)
	}
	for i := range d.Signatures {
		if i == 0 {
			b.WriteString("\nsignatures\n")
		}
		if i == mostSignatures {
			fmt.Fprintf(&b, "  ... and %d more (--json has all)\n", len(d.Signatures)-i)
			break
		}
		s := &d.Signatures[i]
		fmt.Fprintf(&b, "  %s  %s\n", s.ID, s.text())
		if by := d.acceptedBy(s); by != "" {
			fmt.Fprintf(&b, "    accepted    %s\n", by)
		}
	}
	for _, a := range d.Accepted {
		if a.Count == 0 {
			fmt.Fprintf(&b, "\naccepted but not found: %s (%s, until %s)\n", a.Signature, a.Owner, a.Expires)
		}
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// printable replaces control characters, which data may contain, except the ends of lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func sortedKeys(m map[string]int64) []string { return slices.Sorted(maps.Keys(m)) }
