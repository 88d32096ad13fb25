package reports

import (
	"io"

	"parallax/diff"
	"parallax/diff/records"
	"parallax/reports/gate"
)

// ComparisonResult is what a comparison of two files comes to.
type ComparisonResult string

// The results of a comparison.
const (
	Equal           ComparisonResult = "equal"
	Different       ComparisonResult = "different"
	NothingCompared ComparisonResult = "inconclusive"
)

// ComparisonVerdict says whether the required level holds between two files. Two
// without a row are equal only if that is allowed.
func ComparisonVerdict(required diff.Level, res records.Result, allowEmpty bool) ComparisonResult {
	switch {
	case res.IsEmpty() && !allowEmpty:
		return NothingCompared
	case res.LevelHeld < required:
		return Different
	}
	return Equal
}

// Comparison writes what a comparison of two files found, for a terminal.
func Comparison(w io.Writer, left, right string, required diff.Level, verdict ComparisonResult, res records.Result) error {
	t := &text{}
	switch verdict {
	case NothingCompared:
		t.line("INCONCLUSIVE at %s", required)
		t.wrapped("  ", "neither file has a row, so that nothing was compared; --allow-empty makes two empty files equal")
	case Different:
		t.line("DIFFERENT at %s", required)
	default:
		t.line("EQUAL at %s", required)
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
