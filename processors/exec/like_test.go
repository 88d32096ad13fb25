package exec

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLikeMatchesAsTheSamePatternWrittenAsARegularExpression(t *testing.T) {
	letters := rapid.SampledFrom([]rune("ab%_!.é\n"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(letters, 0, 10, -1).Draw(t, "text")
		pattern := rapid.StringOfN(letters, 0, 8, -1).Draw(t, "pattern")
		escape := rapid.SampledFrom([]rune{0, '!', '%', '_'}).Draw(t, "escape")
		want := regexp.MustCompile(asRegexp(pattern, escape)).MatchString(text)
		if got := matches(text, pattern, escape); got != want {
			t.Fatalf("%q LIKE %q ESCAPE %q is %v, want %v", text, pattern, escape, got, want)
		}
	})
}

func asRegexp(pattern string, escape rune) string {
	var b strings.Builder
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch {
		case escape != 0 && runes[i] == escape && i+1 < len(runes):
			i++
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		case runes[i] == '%':
			b.WriteString("(?s:.*)")
		case runes[i] == '_':
			b.WriteString("(?s:.)")
		default:
			b.WriteString(regexp.QuoteMeta(string(runes[i])))
		}
	}
	return `\A` + b.String() + `\z`
}
