package reports

import (
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/diff"
	"parallax/diff/tables"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// TableVerdict decides whether the required level holds between two tables, with the
// reasons. No difference is reported between sides that have no key in common.
func TableVerdict(required diff.Level, r *tables.Result, allowEmpty bool, p gate.Policy, at time.Time) (ComparisonResult, string) {
	switch {
	case allowEmpty && r.Probe.Records[diff.V1] == 0 && r.Probe.Records[diff.V2] == 0:
		return Equal, "neither side has a record"
	case r.IsEmpty():
		var empty []string
		for side, name := range []string{"left", "right"} {
			if r.Probe.Records[side] == 0 {
				empty = append(empty, name)
			}
		}
		return Inconclusive, fmt.Sprintf("the %s side has no record, so nothing was compared", strings.Join(empty, " and the "))
	case !r.Pairs():
		return Inconclusive, fmt.Sprintf("%s of %s and %s identities pair, which is less than 1 %%: the sides' keys do not mean the same. Left has %s, with keys such as %s; right has %s, with keys such as %s. Name the key's columns with --key, the window's with --window-start, or the keys' format with --key-format",
			gate.Thousands(r.Paired), gate.Thousands(r.Identities[diff.V1]), gate.Thousands(r.Identities[diff.V2]),
			r.Probe.Mapping[diff.V1], listed(r.Probe.Keys[diff.V1]), r.Probe.Mapping[diff.V2], listed(r.Probe.Keys[diff.V2]))
	case required == diff.E5 && r.Closed == 0:
		return Inconclusive, "no window has closed on both sides, so E5 says nothing"
	case !r.Holds(required):
		return Different, ""
	}
	var wrong []string
	if n := r.Ledger[diff.V1].Undecodable + r.Ledger[diff.V2].Undecodable; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%s records could not be decoded, so they were not compared", gate.Thousands(n)))
	}
	if wrong = append(wrong, gate.ToleratesTooMuch(p, at, r.Found)...); len(wrong) > 0 {
		return Inconclusive, strings.Join(wrong, "; ")
	}
	return Equal, ""
}

func listed(keys []string) string {
	if len(keys) == 0 {
		return "(none)"
	}
	return strings.Join(keys, "; ")
}

// TableProbe writes what was derived from the first records.
func TableProbe(w io.Writer, p tables.Probe) error {
	t := &text{}
	for side, name := range []string{"left ", "right"} {
		if p.Records[side] > 0 {
			t.wrapped(name+"  ", p.Mapping[side].String())
		}
	}
	if p.Identities > 0 {
		t.line("of the first records' %d keys on the left, %d are among the right side's first", p.Identities, p.Paired)
	}
	for side, name := range []string{"left", "right"} {
		if len(p.Only[side]) > 0 {
			t.wrapped("", fmt.Sprintf("only %s has the columns %s: --columns overlap leaves them out, and so does a rule with only_in", name, strings.Join(p.Only[side], ", ")))
		}
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// TableBucket is a bucket of the ledger of a table.
type TableBucket struct {
	Name    string
	Of      func(tables.Ledger) int64
	Meaning string
}

var tableBuckets = []TableBucket{
	{"matched", func(l tables.Ledger) int64 { return l.Matched }, "the last row of its key, equal to the other side's"},
	{"tolerated", func(l tables.Ledger) int64 { return l.Tolerated }, "differs only in what rules tolerate"},
	{"differing", func(l tables.Ledger) int64 { return l.Differing }, "the other side has another last row, or a deletion"},
	{"alone", func(l tables.Ledger) int64 { return l.Alone }, "the other side has no row of the key"},
	{"superseded", func(l tables.Ledger) int64 { return l.Superseded }, "another row of the key followed"},
	{"undecodable", func(l tables.Ledger) int64 { return l.Undecodable }, "the key or the value could not be read"},
	{"sampled out", func(l tables.Ledger) int64 { return l.SampledOut }, "the key is not in the sample"},
	{"no record", func(l tables.Ledger) int64 { return l.WithoutRecord }, "a transaction marker, an aborted record, or a record that compaction removed"},
}

// TableBuckets returns the buckets in the order in which they are shown.
func TableBuckets() []TableBucket { return tableBuckets }

// Tables writes the result of comparing two tables, for a terminal.
func Tables(w io.Writer, left, right string, required diff.Level, verdict ComparisonResult, reason string, r *tables.Result) error {
	t := &text{}
	t.line("%s at %s", strings.ToUpper(string(verdict)), required)
	if reason != "" {
		t.wrapped("  ", reason)
	}
	t.line("")
	for side, name := range []string{left, right} {
		l := r.Ledger[side]
		t.line("%-5s         %14s  offsets of %s", []string{"left", "right"}[side], gate.Thousands(l.Offsets()), name)
		for _, b := range tableBuckets {
			if n := b.Of(l); n > 0 {
				t.line("  %-14s%12s", b.Name, gate.Thousands(n))
			}
		}
		for _, ex := range r.Undecodable[side] {
			t.wrapped("  undecodable: ", ex)
		}
	}
	if r.SampledOneOf > 1 {
		t.wrapped("", fmt.Sprintf("one of %d keys was compared, chosen by its hash, the same ones of both sides: all do not fit into --memory", r.SampledOneOf))
	}
	what := "keys"
	if r.Windowed {
		what = "keys and windows"
	}
	if r.AsBag {
		what = "distinct rows"
	}
	t.line("")
	t.line("%-14s%14s  left, %s right, %s on both sides (%.3g %%)", what, gate.Thousands(r.Identities[diff.V1]), gate.Thousands(r.Identities[diff.V2]), gate.Thousands(r.Paired), 100*r.Share())
	t.line("equal         %14s", gate.Thousands(r.Equal))
	if r.Spelled > 0 {
		t.line("  type        %14s  of them write numbers in another way, which is no difference", gate.Thousands(r.Spelled))
	}
	t.line("differing     %14s", gate.Thousands(r.Differing))
	t.line("only left     %14s", gate.Thousands(r.Alone[diff.V1]))
	t.line("only right    %14s", gate.Thousands(r.Alone[diff.V2]))
	if r.Vanished > 0 {
		t.line("vanished      %14s  of those that differ: they could not be read again", gate.Thousands(r.Vanished))
	}
	t.levels(r)
	if r.Pairs() && !r.IsEmpty() {
		for i, s := range r.Found.Signatures {
			if i == mostSignatures {
				t.line("")
				t.line("  ... and %d more kinds of difference (--json has all)", len(r.Found.Signatures)-i)
				break
			}
			t.pair(s)
		}
		t.line("")
		t.columns(EvidenceColumns(r.Columns))
		t.tolerated(r.Found.Tolerated)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// pair shows a kind of difference: both sides' rows of the first one.
func (t *text) pair(s diff.Signature) {
	t.line("")
	head := string(s.Class)
	if len(s.Columns) > 0 {
		head += ": " + strings.Join(s.Columns, ", ")
	}
	t.line("  %s  %s  %s", s.ID, gate.Thousands(s.Count), head)
	if s.HypothesisText != "" {
		t.wrapped("    hypothesis  ", s.HypothesisText)
	}
	ex := s.Example
	if ex.Key != nil {
		t.line("    key    %s", ex.KeyText())
	}
	for _, c := range ex.Columns {
		t.line("    %s: left %s, right %s", c.Name, c.Text(c.V1), c.Text(c.V2))
	}
	for side, row := range []string{ex.V1, ex.V2} {
		if row != "" {
			t.line("    %-5s  %s", []string{"left", "right"}[side], row)
		}
	}
	if ex.Place != "" {
		t.line("    at     %s", ex.Place)
	}
}

// levels says which levels hold. A topic that has ended has one frontier.
func (t *text) levels(r *tables.Result) {
	held := func(l diff.Level) string {
		if r.Holds(l) {
			return "held"
		}
		return "not held"
	}
	switch {
	case r.AsBag:
		t.line("Ze            %14s  the same rows in any order, at one frontier: the end", held(diff.Ze))
		return
	case !r.Windowed:
		t.line("E6            %14s  the same table at one frontier: the end", held(diff.E6))
		return
	case r.Closed == 0:
		t.line("E5            %14s  no window has closed on both sides", "unknown")
	default:
		t.line("E5            %14s  the same final rows of %s closed windows (%s differ)", held(diff.E5), gate.Thousands(r.Closed), gate.Thousands(r.ClosedDiffering))
	}
	t.line("E6            %14s  the same table at one frontier: the end", held(diff.E6))
}

// EvidenceColumns returns counts of columns in the form that reports have.
func EvidenceColumns(list []diff.ColumnCounts) []evidence.Column {
	out := make([]evidence.Column, 0, len(list))
	for _, c := range list {
		out = append(out, evidence.Column{
			Topic: c.Topic, Name: c.Name, Rows: c.Rows, Same: c.Same, NullV1Only: c.NullV1Only, NullV2Only: c.NullV2Only,
			Type: c.Type, Tolerated: c.Tolerated, Differ: c.Differ,
		})
	}
	return out
}
