package reports

import (
	"io"
	"strings"
	"time"

	"parallax/diff"
	"parallax/diff/records"
	"parallax/reports/gate"
)

// ComparisonResult is the result of comparing two files.
type ComparisonResult string

// The results of a comparison.
const (
	Equal        ComparisonResult = "equal"
	Different    ComparisonResult = "different"
	Inconclusive ComparisonResult = "inconclusive"
)

// ComparisonVerdict decides whether the required level holds between two files, with the
// reasons. Two files without rows are equal only if allowEmpty is set. Rules may tolerate
// as much as the policy allows in a run.
func ComparisonVerdict(required diff.Level, res records.Result, allowEmpty bool, p gate.Policy, at time.Time) (ComparisonResult, string) {
	if res.IsEmpty() && !allowEmpty {
		return Inconclusive, "neither file has a row, so nothing was compared; --allow-empty makes two empty files equal"
	}
	if res.LevelHeld < required && !required.IsOfMultiset() || required.IsOfMultiset() && res.Root > 0 {
		return Different, ""
	}
	if wrong := gate.ToleratesTooMuch(p, at, res.Result); len(wrong) > 0 {
		return Inconclusive, strings.Join(wrong, "; ")
	}
	return Equal, ""
}

// Comparison writes the result of comparing two files, for a terminal.
func Comparison(w io.Writer, left, right string, required diff.Level, verdict ComparisonResult, reason string, res records.Result) error {
	t := &text{}
	t.line("%s at %s", strings.ToUpper(string(verdict)), required)
	if reason != "" {
		t.wrapped("  ", reason)
	}
	t.line("")
	t.line("left          %14s  rows  %s", gate.Thousands(res.Rows[0]), left)
	t.line("right         %14s  rows  %s", gate.Thousands(res.Rows[1]), right)
	t.line("level held    %14s", res.LevelHeld)
	if required == diff.E0 && res.FirstDifferentLine > 0 {
		t.line("bytes differ  %14s  is the first line in which they do", gate.Thousands(int64(res.FirstDifferentLine)))
	}
	t.divergences(Summary{
		Divergences: diff.Divergences{Root: res.Root, Cascade: res.Cascade, ByClass: res.ByClass}, Signatures: res.Signatures,
	})
	t.tolerated(res.Tolerated)
	_, err := io.WriteString(w, t.b.String())
	return err
}
