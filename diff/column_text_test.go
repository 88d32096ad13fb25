package diff_test

import (
	"testing"

	"parallax/diff"
)

func TestTimesAreShownAsTimesAndCountsWithSeparators(t *testing.T) {
	for _, c := range []struct {
		column diff.ColumnDiff
		want   string
	}{
		{diff.ColumnDiff{Name: "VOLUME", V1: "1191"}, "1191"},
		{diff.ColumnDiff{Name: "SEEN", V1: "1700000000298", Kind: diff.TimeColumn}, "2023-11-14 22:13:20.298Z"},
		{diff.ColumnDiff{Name: "SEEN", V1: "-1", Kind: diff.TimeColumn}, "1969-12-31 23:59:59.999Z"},
		{diff.ColumnDiff{Name: "SEEN", V1: "NULL", Kind: diff.TimeColumn}, "NULL"},
		{diff.ColumnDiff{Name: "SEEN", V1: "9223372036854775807", Kind: diff.TimeColumn}, "9223372036854775807"},
		{diff.ColumnDiff{Name: "window", V1: "[1699999980000, 1700000040000)", Kind: diff.WindowColumn}, "[2023-11-14 22:13:00Z, 2023-11-14 22:14:00Z)"},
		{diff.ColumnDiff{Name: "closed windows", V1: "13167", Kind: diff.CountColumn}, "13,167"},
		{diff.ColumnDiff{Name: "dead letter", V1: ""}, "(none)"},
		{diff.ColumnDiff{Name: "NAME", V1: ""}, "(an empty text)"},
	} {
		if got := c.column.Text(c.column.V1); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.column.Name, c.column.V1, got, c.want)
		}
	}
}
