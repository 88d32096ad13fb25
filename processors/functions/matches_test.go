package functions

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"parallax/processors/row"
)

// randomPattern returns a regular expression in which anchors, groups and empty matches
// are frequent.
func randomPattern(r *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "é", ".", "[ab]", "[^a]", `\b`, `\B`, "^", "$", `\A`, `\z`, "(?m:^)", "(?m:$)", `\w`, `\s`, "(?s:.)", `\Qa.\E`, `\x{fffd}`, ""}
	if depth == 0 || r.IntN(3) == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	inner := func() string { return randomPattern(r, depth-1) }
	switch r.IntN(6) {
	case 0:
		return "(" + inner() + ")"
	case 1:
		return "(?:" + inner() + ")" + []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}?"}[r.IntN(8)]
	case 2:
		return "(?:" + inner() + "|" + inner() + ")"
	case 3:
		return inner() + "|" + inner()
	}
	return inner() + inner()
}

// What is found behind any match, with steps counted, is what package regexp finds there.
func TestMatchesFoundByCountedStepsAreThoseOfPackageRegexp(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1))
	letters := []string{"a", "b", "é", " ", "\n", "\xff", ".", "c"}
	tried := 0
	for range 6000 {
		text := randomPattern(r, 4)
		if r.IntN(20) == 0 {
			text += `\Qa`
		}
		re, err := compilePattern(text)
		if err != nil {
			continue
		}
		for range 4 {
			var b strings.Builder
			for range r.IntN(12) {
				b.WriteString(letters[r.IntN(len(letters))])
			}
			s := b.String()
			all := re.FindAllStringSubmatchIndex(s, -1)
			for n := 1; n <= len(all); n++ {
				var rest [][]int
				if err := re.eachFrom(new(Budget), s, all[n-1][1], func(at []int) error { rest = append(rest, at); return nil }); err != nil {
					t.Fatal(err)
				}
				if got, want := fmt.Sprint(rest), fmt.Sprint(all[n:]); got != want {
					t.Fatalf("%q in %q behind match %d: %s, want %s", text, s, n, got, want)
				}
				tried++
			}
		}
	}
	if tried < 10_000 {
		t.Errorf("only %d searches were tried", tried)
	}
}

// The functions give what package regexp gives, whichever way the matches are found.
func TestFunctionsOfManyMatchesAreThoseOfPackageRegexp(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 2))
	for range 400 {
		text := randomPattern(r, 3)
		if _, err := syntax.Parse(text, syntax.Perl); err != nil {
			continue
		}
		re := regexp.MustCompile(text)
		s := strings.Repeat("ab é\nba.", r.IntN(40))
		for _, isInLambda := range []bool{false, true} {
			if isInLambda && len(s) < 50 {
				continue
			}
			got, err := search(t, "REGEXP_REPLACE", isInLambda, s, text, "<$0>")
			want := re.ReplaceAllString(s, "<${0}>")
			if err != nil || got.Str() != want {
				t.Fatalf("%q in %q: %q (%v), want %q", text, s, got.Str(), err, want)
			}
			got, err = search(t, "REGEXP_SPLIT_TO_ARRAY", isInLambda, s, text)
			if want := texts(re.Split(s, -1)); err != nil || !row.Equal(got, want) {
				t.Fatalf("%q splits %q into %v (%v), want %v", text, s, got, err, want)
			}
			got, err = search(t, "REGEXP_EXTRACT_ALL", isInLambda, text, s)
			if want := texts(re.FindAllString(s, -1)); err != nil || !row.Equal(got, want) {
				t.Fatalf("%q in %q: %v (%v), want %v", text, s, got, err, want)
			}
		}
	}
}

// search calls a function with a pattern that is no constant.
func search(t *testing.T, name string, isInLambda bool, arguments ...string) (row.Value, error) {
	t.Helper()
	b := new(Budget)
	if isInLambda {
		if err := b.Enter(); err != nil {
			t.Fatal(err)
		}
	}
	return searchWithin(t, b, name, arguments...)
}

func searchWithin(t *testing.T, b *Budget, name string, arguments ...string) (row.Value, error) {
	t.Helper()
	f := Lookup(name)
	args := make([]row.Value, len(arguments))
	for i, a := range arguments {
		args[i] = row.NewString(a)
	}
	e, wrong := f.Evaluation(make([]row.Value, len(args)), nil)
	if wrong != "" {
		t.Fatal(wrong)
	}
	return f.Compute(b, e, args, nil, row.Of(row.String))
}

// A pattern whose every search looks to the text's end ends with an error; the same text
// with a pattern that does not is searched to its end.
func TestSearchesThatLookFarAheadAreAnError(t *testing.T) {
	text := strings.Repeat("ab", 1<<15)
	for _, pattern := range []string{"a.*c|b", "(a.*c|b)", `\b?(?:a.*c|b)`, "(?m)a[^c]*c|$|b"} {
		for name, arguments := range map[string][]string{
			"REGEXP_REPLACE": {text, pattern, "x"}, "REGEXP_EXTRACT_ALL": {pattern, text}, "REGEXP_SPLIT_TO_ARRAY": {text, pattern},
		} {
			if _, err := search(t, name, false, arguments...); !errors.Is(err, ErrSteps) {
				t.Errorf("%s with %s: %v, want %v", name, pattern, err, ErrSteps)
			}
		}
	}
	got, err := search(t, "REGEXP_REPLACE", false, text, "a.??b", "x")
	if want := strings.Repeat("x", 1<<15); err != nil || got.Str() != want {
		t.Errorf("a pattern that looks at little: %v, %d bytes", err, len(got.Str()))
	}
}

// In lambdas the steps of all searches together are bounded.
func TestSearchesInLambdasCount(t *testing.T) {
	text := strings.Repeat("ab", 40)
	for name, arguments := range map[string][]string{
		"REGEXP_REPLACE": {text, "a.*c|b", "x"}, "REGEXP_EXTRACT_ALL": {"a.*c|b", text}, "REGEXP_SPLIT_TO_ARRAY": {text, "a.*c|b"},
		"REGEXP_LIKE": {text, strings.Repeat("a?", 200) + "c"}, "REGEXP_EXTRACT": {strings.Repeat("a?", 200) + "c", text},
	} {
		b := new(Budget)
		if err := errors.Join(b.Enter(), b.Produce(MaxProduced-1<<18)); err != nil { // a 256th is left
			t.Fatal(err)
		}
		n := 0
		for err := error(nil); err == nil; n++ {
			if _, err = searchWithin(t, b, name, arguments...); n > 1_000 {
				t.Fatalf("%s: %d searches are taken", name, n)
			}
		}
	}
}
