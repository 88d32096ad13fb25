package expression

import (
	"strings"
	"testing"
)

// The search for long texts says what the one for short texts says.
func TestLongLikeMatchesWhatShortLikeMatches(t *testing.T) {
	texts := []string{"", "a", "ab", "aab", "aXbXc", "abcabc", "é", "aéb", "a%b", "\xff", "a\xffb", "a�b", "aaab"}
	patterns := []string{"", "%", "_", "%_", "_%", "a%", "%b", "a%b", "a_b", "%a_b%", "%a%b%", "%%", "a!%b", "%!%%", "!", "%c_b%", "_%_", "%é_", "a�b", "%a%ab", "%_b%b"}
	for _, text := range texts {
		for _, pattern := range patterns {
			for _, escape := range []rune{0, '!'} {
				if got, want := matchesLong(text, pattern, escape), matches(text, pattern, escape); got != want {
					t.Errorf("%q LIKE %q ESCAPE %q: %v, want %v", text, pattern, escape, got, want)
				}
			}
		}
	}
}

// A pattern of half a megabyte is not compared at each place of the text: that took minutes.
func TestLongLikeIsLinear(t *testing.T) {
	const n = 1 << 21
	as := strings.Repeat("a", n)
	for _, pattern := range []string{"%" + as[:n/2] + "b%", strings.Repeat("%a", n/2) + "b", strings.Repeat("%ab", n/8)} {
		if matchesLong(as, pattern, 0) {
			t.Errorf("%.10q... matches", pattern)
		}
	}
}
