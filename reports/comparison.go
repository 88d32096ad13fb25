package reports

import (
	"io"

	"parallax/diff"
	"parallax/reports/gate"
)

// Comparison writes what a comparison of two files found, for a terminal.
func Comparison(w io.Writer, left, right string, required diff.Level, res diff.FileResult) error {
	t := &text{}
	word := "EQUAL"
	if res.LevelHeld < required {
		word = "DIFFERENT"
	}
	t.line("%s at %s", word, required)
	t.line("")
	t.line("left          %14s  rows  %s", gate.Thousands(res.Lines[0]), left)
	t.line("right         %14s  rows  %s", gate.Thousands(res.Lines[1]), right)
	t.line("level held    %14s", res.LevelHeld)
	t.divergences(Summary{
		Divergences: Divergences{Root: res.Root, Cascade: res.Cascade, ByClass: res.ByClass}, Signatures: res.Signatures,
	})
	t.tolerated(res.Tolerated)
	_, err := io.WriteString(w, t.b.String())
	return err
}
