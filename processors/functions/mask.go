package functions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parallax/processors/row"
)

// maskFunctions hide what a text says and keep its form.
var maskFunctions = []Function{
	{
		Name: "MASK", Signatures: []string{"text STRING, " + masks + " -> STRING"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return mask(a[0], a[1:], func(int, int) bool { return true })
		},
		Doc:     "The text with X for capitals, x for small letters, n for digits and - for the rest, or what is given for them; NULL leaves them.",
		Example: "MASK('My Test $123') = 'Xx-Xxxx--nnn'",
	},
	partialMask("MASK_LEFT", "MASK of the first n characters.", "MASK_LEFT('My Test $123', 4) = 'Xx-Xest $123'",
		func(i, _, n int) bool { return i < n }),
	partialMask("MASK_RIGHT", "MASK of the last n characters.", "MASK_RIGHT('My Test $123', 4) = 'My Test -nnn'",
		func(i, length, n int) bool { return i >= length-n }),
	partialMask("MASK_KEEP_LEFT", "MASK of all but the first n characters.", "MASK_KEEP_LEFT('My Test $123', 4) = 'My Txxx--nnn'",
		func(i, _, n int) bool { return i >= n }),
	partialMask("MASK_KEEP_RIGHT", "MASK of all but the last n characters.", "MASK_KEEP_RIGHT('My Test $123', 4) = 'Xx-Xxxx-$123'",
		func(i, length, n int) bool { return i < length-n }),
}

const masks = "[capital STRING], [small STRING], [digit STRING], [other STRING]"

// partialMask masks the characters that in says are in.
func partialMask(name, doc, example string, in func(i, length, n int) bool) Function {
	return Function{
		Name: name, Signatures: []string{"text STRING, n INT, " + masks + " -> STRING"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			switch n := int(a[1].Int64()); {
			case a[1].IsNull():
				return row.Value{}, nil
			case n < 0:
				return row.Value{}, ErrArgument
			default:
				return mask(a[0], a[2:], func(i, length int) bool { return in(i, length, n) })
			}
		},
		Doc: doc, Example: example,
	}
}

// mask replaces the characters for which in says so, by what they are. with are
// the replacements that the call gives: one character, NULL for none.
func mask(text row.Value, with []row.Value, in func(i, length int) bool) (row.Value, error) {
	marks := [...]rune{'X', 'x', 'n', '-'}
	for i, v := range with {
		r, size := utf8.DecodeRuneInString(v.Str())
		switch {
		case v.IsNull():
			marks[i] = -1
		case size == 0 || size != len(v.Str()):
			return row.Value{}, ErrArgument
		default:
			marks[i] = r
		}
	}
	if text.IsNull() {
		return row.Value{}, nil
	}
	length := utf8.RuneCountInString(text.Str())
	i := -1
	return row.NewString(strings.Map(func(r rune) rune {
		i++
		mark := marks[3]
		switch {
		case unicode.Is(unicode.Lu, r):
			mark = marks[0]
		case unicode.Is(unicode.Ll, r):
			mark = marks[1]
		case unicode.Is(unicode.Nd, r):
			mark = marks[2]
		}
		if mark < 0 || !in(i, length) {
			return r
		}
		return mark
	}, text.Str())), nil
}
