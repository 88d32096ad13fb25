package expression

import (
	"unicode/utf8"

	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

func like(e *plan.Like) (Eval, error) {
	escape, negated := e.Escape, e.Negated
	return both(e.X, e.Pattern, func(n *Env, x, pattern row.Value) (row.Value, error) {
		if n.budget.InLambda() {
			if err := n.budget.Read(x, pattern); err != nil {
				return row.Value{}, err
			}
			if err := n.budget.Steps(functions.LikeSteps(x.Str(), pattern.Str())); err != nil {
				return row.Value{}, err
			}
		}
		if len(x.Str())*len(pattern.Str()) <= shortLike {
			return row.NewBoolean(matches(x.Str(), pattern.Str(), escape) != negated), nil
		}
		if err := functions.CheckLike(x.Str(), pattern.Str(), escape); err != nil {
			return row.Value{}, err
		}
		return row.NewBoolean(matchesLong(x.Str(), pattern.Str(), escape) != negated), nil
	})
}

// matches reports whether the whole text fits a LIKE pattern. It goes back to
// the last % only, so it takes at most len(text)·len(pattern) steps.
func matches(text, pattern string, escape rune) bool {
	t, p := 0, 0
	starText, starPattern := 0, -1
	for t < len(text) {
		r, size := utf8.DecodeRuneInString(text[t:])
		switch kind, lit, width := patternAt(pattern[p:], escape); {
		case kind == anyText:
			p += width
			starText, starPattern = t, p
			continue
		case kind == anyOne || kind == literal && lit == r:
			t += size
			p += width
			continue
		}
		if starPattern < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(text[starText:])
		starText += size
		t, p = starText, starPattern
	}
	for p < len(pattern) {
		kind, _, width := patternAt(pattern[p:], escape)
		if kind != anyText {
			return false
		}
		p += width
	}
	return true
}

type patternKind uint8

const (
	nothing patternKind = iota // the pattern is at its end
	literal
	anyOne  // _
	anyText // %
)

// patternAt reads the first element of a pattern, and how many bytes it takes.
// An escape at the very end stands for itself.
func patternAt(pattern string, escape rune) (kind patternKind, lit rune, width int) {
	if pattern == "" {
		return nothing, 0, 0
	}
	r, size := utf8.DecodeRuneInString(pattern)
	switch {
	case r == escape && escape != 0 && size < len(pattern):
		next, nextSize := utf8.DecodeRuneInString(pattern[size:])
		return literal, next, size + nextSize
	case r == '%':
		return anyText, 0, size
	case r == '_':
		return anyOne, 0, size
	}
	return literal, r, size
}
