package expression

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
		pattern := rapid.OneOf(rapid.StringOfN(letters, 0, 8, -1), blurred(text)).Draw(t, "pattern")
		escape := rapid.SampledFrom([]rune{0, '!', '%', '_'}).Draw(t, "escape")
		want := regexp.MustCompile(asRegexp(pattern, escape)).MatchString(text)
		if got := matches(text, pattern, escape); got != want {
			t.Fatalf("%q LIKE %q ESCAPE %q is %v, want %v", text, pattern, escape, got, want)
		}
	})
}

// blurred draws patterns that a text nearly or wholly fits.
func blurred(text string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		if rapid.Bool().Draw(t, "any start") {
			b.WriteByte('%')
		}
		for _, r := range text {
			b.WriteString(rapid.SampledFrom([]string{string(r), string(r), "_", "%", "%" + string(r), ""}).Draw(t, "instead"))
		}
		return b.String()
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
