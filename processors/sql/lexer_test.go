package sql

import (
	"strings"
	"testing"
)

// FuzzLex: tokens are in order, only blanks and comments are between them, and a token's
// text is the script's text at its position.
func FuzzLex(f *testing.F) {
	for _, s := range []string{
		"SELECT a->b FROM t -- end", "/* x */ 'it''s' \"q\" `q` 1.5e3 .5 1. a$1 <= <> :=", "'open", "/* open", "\xff ünï 1m 1e", "a--b\nc",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		at := 0
		tokens := lex(script)
		for i, token := range tokens {
			if int(token.at) < at || token.end < token.at || int(token.end) > len(script) {
				t.Fatalf("token %d stands from %d to %d, after %d", i, token.at, token.end, at)
			}
			if stop := skipBlank(script, at); stop != int(token.at) {
				t.Fatalf("%q lies before token %d", script[at:token.at], i)
			}
			if shown := script[token.at:token.end]; (token.kind == word || token.kind == number || token.kind == symbol) && shown != token.text {
				t.Fatalf("token %d is %q and is shown as %q", i, shown, token.text)
			}
			if (token.kind == end) != (i == len(tokens)-1) || token.kind != end && token.end == token.at {
				t.Fatalf("token %d of %d ends the script, or is empty", i, len(tokens))
			}
			at = int(token.end)
		}
		if at != len(script) {
			t.Fatalf("%q is left", script[at:])
		}
	})
}

func TestCommentsAndQuotes(t *testing.T) {
	for script, want := range map[string]string{
		"a -- b\nc":                            "a c",
		"a /* b\n */ c":                        "a c",
		"a/**/b":                               "a b",
		"'a -- b' '/* c */'":                   "a -- b|/* c */",
		"'it''s'":                              "it's",
		"`a``b` \"c\"\"d\"":                    "a`b|c\"d",
		"a>=-1":                                "a >= - 1",
		"a@b$1 @c":                             "a@b$1 @ c",
		"STRUCT<a ARRAY<INT>>":                 "STRUCT < a ARRAY < INT > >",
		"x=>x->y":                              "x => x -> y",
		"1m 1.5e3s 1e 1e3a 1e3":                "1m 1.5e3 s 1e 1e3a 1e3",
		"t.1st 1.5 .5 x[1].2y (t).3z SELECT.5": "t . 1st 1.5 .5 x [ 1 ] . 2y ( t ) . 3z SELECT .5",
	} {
		var texts []string
		for _, token := range lex(script) {
			if token.kind != end {
				texts = append(texts, token.text)
			}
		}
		if got := strings.Join(texts, " "); got != strings.ReplaceAll(want, "|", " ") {
			t.Errorf("%s is %q, want %q", script, got, want)
		}
	}
}
