package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parallax/diff"
	"parallax/reports/gate"
)

// mostSignatures is how many signatures the text shows; the JSON has all.
const mostSignatures = 6

// Text writes a readable summary.
func Text(w io.Writer, s Summary) error { return StyledText(w, nil, s) }

// StyledText is Text with colours. Their sequences go to terminal, the writer behind w; nil
// means no colours.
func StyledText(w, terminal io.Writer, s Summary) error {
	t := &text{}
	t.styled(styleOf(s.Verdict), func() { t.line("%s  %s", strings.ToUpper(s.Verdict), s.Job) })
	t.styled(bold, func() { t.wrapped("  ", Headline(s)) })
	t.wrapped("  ", s.Reason)
	t.ledger(s)
	t.holes(s)
	t.outputs(s)
	t.strata(s.Strata)
	t.divergences(s)
	t.columns(s.Columns)
	t.tolerated(s.Tolerated)
	t.accepted(s.Accepted)
	t.throughput(s)
	t.partitions(s)
	t.run(s)
	if s.Report != "" {
		t.line("")
		t.line("report  %s", s.Report)
	}
	return t.writeTo(w, terminal)
}

type text struct {
	b strings.Builder
	// spans are the parts with a style, in order.
	spans []span
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(&t.b, format+"\n", args...)
}

// wrapped writes a long text in lines of at most 96 characters, the first one after a
// heading, the others below its text.
func (t *text) wrapped(heading, long string) {
	line := heading
	for _, word := range strings.Fields(long) {
		if len(line)+len(word) > 96 && len(line) > len(heading) {
			t.line("%s", strings.TrimRight(line, " "))
			line = strings.Repeat(" ", len(heading))
		}
		line += word + " "
	}
	t.line("%s", strings.TrimRight(line, " "))
}

func (t *text) ledger(s Summary) {
	l := s.Ledger
	t.line("")
	t.line("ledger        %14s  records, each in one bucket", gate.Thousands(s.Records))
	for _, b := range []struct {
		name string
		n    int64
		note string
		keep bool
	}{
		{"compared", l.Compared, "both paths finished it", true},
		{"filtered", l.Filtered, "both paths dropped it" + late(s.Late), true},
		{"undecodable", l.Undecodable, "to the dead-letter topic", true},
		{"v1_error", l.V1Error, "V1 rejected it (on_error: dlq)", false},
		{"v2_error", l.V2Error, "in the batch in which V2 failed", false},
		{"not_comparable", l.NotComparable, "V2 was detached or off", false},
		{"shed", l.Shed, "V2 was detached because of overload", false},
		{"sampled_out", l.SampledOut, "its key is not in the sample", false},
		{"pending", l.Pending, "V2 has not processed it yet", true},
		{"gap", l.Gap, "in no bucket", true},
	} {
		if b.keep || b.n != 0 {
			t.line("  %-14s%12s  %s", b.name, gate.Thousands(b.n), b.note)
		}
	}
	if s.RefusedRows > 0 {
		t.line("  %-14s%12s  rows of V1 that were too large for their topic: dead letters", "refused_rows", gate.Thousands(s.RefusedRows))
	}
	if s.ChangedTimestamps > 0 {
		t.line("  %-14s%12s  records written with a timestamp that their topic accepts, their own in header parallax.timestamp", "changed_times", gate.Thousands(s.ChangedTimestamps))
	}
	if s.BrokerGaps > 0 {
		t.line("  %-14s%12s  offsets without a record (transaction markers, compaction)", "broker_gaps", gate.Thousands(s.BrokerGaps))
	}
}

func late(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s of them late)", gate.Thousands(n))
}

func (t *text) outputs(s Summary) {
	o := s.Outputs
	t.line("")
	t.line("outputs       %14s  rows of V1, emitted", gate.Thousands(o.V1))
	t.line("              %14s  rows of V2 (%s before merge; merge dropped %s, moved %s)",
		gate.Thousands(o.V2Merged), gate.Thousands(o.V2Raw), gate.Thousands(o.Deduplicated), gate.Thousands(o.Reordered))
	t.line("level held    %14s", s.LevelHeld)
	for _, out := range s.ByOutput {
		t.line("  %-14s%12s  %s", out.Topic, out.LevelHeld, compared(out))
	}
}

// compared says how much of an output was compared.
func compared(o diff.Output) string {
	text := gate.Thousands(o.Rows) + " rows compared"
	if o.Unit != diff.UnitRow {
		text += fmt.Sprintf(", %s %s", gate.Thousands(o.Units), o.Unit)
	}
	if o.Unit == diff.UnitKeyWindow {
		atLeast := ""
		if o.KeysAtLeast {
			atLeast = "at least "
		}
		text += fmt.Sprintf(", %s%s distinct keys", atLeast, gate.Thousands(o.Keys))
	}
	return text
}

func (t *text) divergences(s Summary) {
	d := s.Divergences
	if o := s.SecondOpinions; o.Equal+o.Differing > 0 {
		t.line("second opinion %13s  batches, byte by byte (%s found equal, %s with divergences)", gate.Thousands(o.Equal+o.Differing), gate.Thousands(o.Equal), gate.Thousands(o.Differing))
	}
	t.sensitivity(s.Sensitivity)
	t.states(s.States)
	t.emission(&s)
	t.line("divergences   %14s  root, %s cascade", gate.Thousands(d.Root), gate.Thousands(d.Cascade))
	for _, class := range slices.Sorted(maps.Keys(d.ByClass)) {
		t.line("  %-14s%12s", class, gate.Thousands(d.ByClass[class]))
	}
	if where := d.Origin.Text(); where != "" {
		t.line("  %s", where)
	}
	for i, sig := range s.Signatures {
		if i == mostSignatures {
			t.line("")
			t.line("  ... and %d more signatures (--json has all)", len(s.Signatures)-i)
			break
		}
		t.signature(sig)
	}
}

// tolerated lists the differences that each rule has tolerated.
func (t *text) tolerated(rules []diff.Tolerated) {
	for _, r := range rules {
		t.line("")
		t.line("tolerated     %14s  rows of %s (%.3g %%, at most %.3g %%), %s", gate.Thousands(r.Rows), gate.Thousands(r.Of), 100*r.Rate(), 100*r.Rule.MaxRate, r.Text)
		t.wrapped("    rule        ", fmt.Sprintf("%s, until %s: %s", r.Rule.Owner, r.Rule.Expires, r.Rule.Reason))
		if r.Rows == 0 {
			t.wrapped("    unused      ", "it tolerated no row: check its topic, column and path, or remove it")
		}
		if ex := r.Example; ex != nil {
			t.example(*ex)
			t.causes(*ex)
		}
	}
}

// accepted lists the differences that are intended.
func (t *text) accepted(list []gate.AcceptedSignature) {
	for _, a := range list {
		t.line("")
		t.line("accepted      %14s  divergences of at most %s, signature %s", gate.Thousands(a.Count), gate.Thousands(a.MaxCount), a.Signature)
		t.wrapped("    by          ", fmt.Sprintf("%s, until %s: %s", a.Owner, a.Expires, a.Reason))
		switch {
		case a.HasExpired:
			t.line("    expired     it is no longer accepted")
		case a.IsExceeded:
			t.line("    exceeded    there are more than accepted, so none is")
		case a.Count == 0:
			t.line("    unused      it did not occur")
		}
	}
}

func (t *text) signature(s diff.Signature) {
	t.line("")
	head := fmt.Sprintf("  %s  %s", s.ID, s.Class)
	if s.Topic != "" {
		head += " in " + s.Topic
	}
	if len(s.Columns) > 0 {
		head += ": " + strings.Join(s.Columns, ", ")
	}
	t.styled(bold, func() { t.line("%s", head) })
	t.line("    count       %s (%s root)", gate.Thousands(s.Count), gate.Thousands(s.Roots))
	if s.Note != "" {
		t.wrapped("    that is     ", s.Note)
	}
	if s.HypothesisText != "" {
		t.wrapped("    hypothesis  ", s.HypothesisText)
	}
	if len(s.V2Partitions) > 0 {
		t.line("    partitions  V2's %s", numbers(s.V2Partitions))
	}
	ex := s.Example
	t.example(ex)
	switch {
	case len(ex.Columns) > 0:
	case s.Class == diff.Routing:
		t.line("    row of V2   %s", ex.V2)
	default:
		if ex.V1 != "" {
			t.line("    only in V1  %s", ex.V1)
		}
		if ex.V2 != "" {
			t.line("    only in V2  %s", ex.V2)
		}
	}
	if ex.State != nil {
		t.state(ex.State)
	}
	t.causes(ex)
	if ex.Error != "" {
		t.wrapped("    error       ", ex.Error)
	}
}

// example shows where two rows differ.
func (t *text) example(ex diff.Example) {
	if ex.Key != nil {
		t.line("    key         %s", ex.KeyText())
	}
	for _, c := range ex.Columns {
		t.line("    %-11s V1 %s, V2 %s", c.Name, c.Text(c.V1), c.Text(c.V2))
	}
	if ex.Place != "" {
		t.line("    place       %s", ex.Place)
	}
}

func (t *text) causes(ex diff.Example) {
	if ex.Flush {
		t.line("    cause       the flush at the end of the input, batch %d", ex.Batch)
	}
	for _, c := range ex.Causes {
		t.line("    cause       %s/%d@%d, batch %d", c.Topic, c.Partition, c.Offset, ex.Batch)
	}
}

func numbers(list []int32) string {
	var parts []string
	for _, n := range list {
		parts = append(parts, strconv.Itoa(int(n)))
	}
	return strings.Join(parts, ", ")
}
