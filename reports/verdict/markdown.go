package verdict

import (
	"fmt"
	"io"
	"strings"

	"parallax/reports/gate"
)

// mostSignatures is how many signatures text and Markdown show; JSON and JUnit have all.
const mostSignatures = 20

// Markdown writes the document for the summary of a CI job.
func (d Document) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Parallax: %s of job %s\n\n%s\n\n", d.Verdict, inText(d.Job), inText(d.Reason))
	b.WriteString("| | |\n|---|---|\n")
	for _, f := range d.facts() {
		fmt.Fprintf(&b, "| %s | %s |\n", f[0], inCell(f[1]))
	}
	if broken := d.broken(); len(broken) > 0 {
		b.WriteString("\n### Rules that are broken\n\n| rule | state | reason |\n|---|---|---|\n")
		for _, r := range broken {
			fmt.Fprintf(&b, "| %s: %s | %s | %s |\n", r.Name, inCell(r.Wants), r.State, inCell(r.Reason))
		}
	}
	if len(d.Outputs) > 0 {
		b.WriteString("\n### Outputs\n\n| topic | level | rows | units | roots |\n|---|---|---:|---:|---:|\n")
		for _, o := range d.Outputs {
			fmt.Fprintf(&b, "| %s | %s | %s | %s %s | %s |\n", inCell(o.Topic), o.LevelHeld, gate.Thousands(o.Rows), gate.Thousands(o.Units), o.Unit, gate.Thousands(o.Root))
		}
	}
	if len(d.Signatures) > 0 {
		b.WriteString("\n### Signatures\n\n| signature | difference | accepted |\n|---|---|---|\n")
		for i := range d.Signatures {
			if i == mostSignatures {
				fmt.Fprintf(&b, "\n%d more signatures are in the JSON.\n", len(d.Signatures)-i)
				break
			}
			s := &d.Signatures[i]
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.ID, inCell(s.text()), inCell(d.acceptedBy(s)))
		}
	}
	_, err := io.WriteString(w, printable(b.String()))
	return err
}

// facts returns the properties of the evidence, as texts.
func (d Document) facts() (list [][2]string) {
	add := func(name, value string) {
		if value != "" {
			list = append(list, [2]string{name, value})
		}
	}
	add("verdict", fmt.Sprintf("%s, id %s, exit code %d", d.Verdict, d.ID, d.Code))
	add("run", d.Run)
	add("V1", d.V1)
	add("V2", d.V2)
	if d.First != nil && d.Last != nil {
		add("evidence", fmt.Sprintf("%s to %s UTC, %s", d.First.Format(form), d.Last.Format(form), counted(d.Records, "record")))
	}
	if d.Expires != nil {
		add("expires", d.Expires.Format(form)+" UTC")
	}
	add("level held", d.LevelHeld.String())
	add("divergences", fmt.Sprintf("%s root, %s cascade, %s of them accepted", gate.Thousands(d.Divergences.Root), gate.Thousands(d.Divergences.Cascade), gate.Thousands(d.Divergences.Accepted)))
	add("strata seen", d.strataText())
	add("sensitivity", d.sensitivityText())
	if s := d.States; s.Equal+s.Differing+s.NotCompared > 0 {
		add("states", fmt.Sprintf("%s equal, %s different, %s not compared", gate.Thousands(s.Equal), gate.Thousands(s.Differing), gate.Thousands(s.NotCompared)))
	}
	if d.Retries > 0 {
		add("repetition", fmt.Sprintf("%s ended without a pass, so the confidence is %.4g %%", counted(int64(d.Retries), "earlier run"), 100*d.Confidence))
	}
	for _, f := range d.Migration.Facts() {
		add(f[0], f[1])
	}
	for i, in := range d.Interruptions {
		if i == 1 {
			break // the newest one says where the evidence begins
		}
		add("begins after", fmt.Sprintf("%s at %s UTC: %s", in.Kind, in.At.UTC().Format(form), in.Reason))
	}
	return list
}

func (d Document) strataText() string {
	var seen []string
	for _, name := range sortedKeys(d.Strata) {
		seen = append(seen, fmt.Sprintf("%s %s", name, gate.Thousands(d.Strata[name])))
	}
	return strings.Join(seen, ", ")
}

func (d Document) sensitivityText() string {
	var injected, detected int64
	for _, m := range d.Sensitivity {
		injected, detected = injected+m.Injected, detected+m.Detected
	}
	if injected == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s detected, of %s", gate.Thousands(detected), counted(injected, "injected difference"), counted(int64(len(d.Sensitivity)), "kind"))
}

func (d Document) broken() (list []gate.RuleResult) {
	for _, r := range d.Rules {
		if r.State != gate.Pass {
			list = append(list, r)
		}
	}
	return list
}

// acceptedBy says who accepted a signature, and until when.
func (d Document) acceptedBy(s *Signature) string {
	for _, a := range d.Accepted {
		if a.Signature == s.ID {
			text := fmt.Sprintf("%s until %s, at most %s: %s", a.Owner, a.Expires, gate.Thousands(a.MaxCount), a.Reason)
			switch {
			case a.IsExceeded:
				return "no longer, there are more: " + text
			case a.HasExpired:
				return "expired: " + text
			}
			return text
		}
	}
	return ""
}

// markdown escapes what Markdown or HTML would read as its own.
var markdown = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", "&", "&amp;", "[", "\\[", "\n", " ", "\r", " ")

func inText(text string) string { return markdown.Replace(text) }

// inCell is inText for a cell of a table.
func inCell(text string) string { return strings.ReplaceAll(inText(text), "|", "\\|") }
