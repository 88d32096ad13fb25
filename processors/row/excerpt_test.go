package row

import (
	"strings"
	"testing"
)

func TestAnExcerptIsShortAndShowsWhatItIs(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"ACME", "ACME"},
		{"", `""`},
		{" ACME", `" ACME"`},
		{"a\x1b[31m", `"a\x1b[31m"`},
		{"\xff", `"\xff"`},
		{strings.Repeat("x", 40), strings.Repeat("x", 40)},
		{strings.Repeat("x", 1_000_000), strings.Repeat("x", 40) + "..."},
		{strings.Repeat("x", 39) + "é", strings.Repeat("x", 39) + "..."}, // not half a letter
	} {
		if got := Excerpt(c.data); got != c.want {
			t.Errorf("Excerpt(%.50q) = %s, want %s", c.data, got, c.want)
		}
		if got := Excerpt([]byte(c.data)); got != c.want {
			t.Errorf("Excerpt([]byte(%.50q)) = %s, want %s", c.data, got, c.want)
		}
	}
}
