package oracle

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// fitsByDefinition tries every text for each %.
func fitsByDefinition(text, pattern []rune, escape rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case escape != 0 && pattern[0] == escape && len(pattern) > 1:
		return len(text) > 0 && text[0] == pattern[1] && fitsByDefinition(text[1:], pattern[2:], escape)
	case pattern[0] == '%':
		return fitsByDefinition(text, pattern[1:], escape) || len(text) > 0 && fitsByDefinition(text[1:], pattern, escape)
	}
	return len(text) > 0 && (pattern[0] == '_' || pattern[0] == text[0]) && fitsByDefinition(text[1:], pattern[1:], escape)
}

func TestLikeIsAsItIsDefined(t *testing.T) {
	matched, not := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("aabé_%!")), 0, 14, -1).Draw(t, "text")
		pattern := rapid.StringOfN(rapid.SampledFrom([]rune("aaabé_%%%!")), 0, 10, -1).Draw(t, "pattern")
		escape := rapid.SampledFrom([]rune{0, '!', '%', '_'}).Draw(t, "escape")
		got, want := parsePattern(pattern, escape).matches(text), fitsByDefinition([]rune(text), []rune(pattern), escape)
		if got != want {
			t.Fatalf("%q LIKE %q ESCAPE %q: got %v, want %v", text, pattern, escape, got, want)
		}
		if want {
			matched++
		} else {
			not++
		}
	})
	if matched == 0 || not == 0 {
		t.Errorf("%d matched, %d did not", matched, not)
	}
}

// TestLikeWithALongPattern has texts and patterns of megabytes. If the number of steps grew
// with the product of their lengths, it would take hours.
func TestLikeWithALongPattern(t *testing.T) {
	const long = 1 << 20
	a := strings.Repeat("a", long)
	for _, c := range []struct {
		name, text, pattern string
		want                bool
	}{
		{"the same", a, a, true},
		{"another last character", a, a[1:] + "b", false},
		{"a long part that is nowhere", a + a, "%" + a[1:] + "b%", false},
		{"a long part at the end", a + a + "b", "%" + a + "b%", true},
		{"a long part that nearly repeats", strings.Repeat(a[:long/2-1]+"b", 4), "%" + a[:long/2-1] + "b" + a[:long/2] + "%", false},
		{"many parts", a, strings.Repeat("%a", long), true},
		{"more parts than characters", a[1:], strings.Repeat("%a", long), false},
		{"many parts of which the last is missing", a + a, strings.Repeat("%aa", long/2) + "%b%", false},
		{"only %", a, strings.Repeat("%", long), true},
		{"only _", a, strings.Repeat("_", long), true},
		{"_ at the beginning and the end", a + "b" + a, strings.Repeat("_", long) + "%b%" + strings.Repeat("_", long), true},
		{"_ at the beginning and the end, and more", a + "b" + a, strings.Repeat("_", long) + "%b%" + strings.Repeat("_", long+1), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			like := &plan.Like{X: &plan.Literal{Value: row.NewString(c.text)}, Pattern: &plan.Literal{Value: row.NewString(c.pattern)}}
			v, err := scope{}.eval(like)
			if err != nil || v.IsNull() || v.Bool() != c.want {
				t.Errorf("got %s, %v, want %v", v, err, c.want)
			}
		})
	}
	t.Run("_ between %", func(t *testing.T) {
		like := &plan.Like{X: &plan.Literal{Value: row.NewString(a)}, Pattern: &plan.Literal{Value: row.NewString("%" + a + "_%")}}
		if v, err := (scope{}).eval(like); err == nil {
			t.Errorf("got %s, want %v", v, functions.ErrArgument)
		}
	})
}
