package functions

import (
	"strings"
	"unicode/utf8"
)

// AnyCharacter stands for _ in a part of a LIKE pattern.
const AnyCharacter rune = -1

// maxLikeSteps bounds the search for one part of a pattern that has _ in it: no linear search
// for one is known that is short.
const maxLikeSteps = 1 << 28

// LikeParts returns the parts of a LIKE pattern between its % signs: characters, and AnyCharacter for _. An escape at the very
// end of the pattern stands for itself.
func LikeParts(pattern string, escape rune) [][]rune {
	list := [][]rune{nil}
	for pattern != "" {
		r, size := utf8.DecodeRuneInString(pattern)
		pattern = pattern[size:]
		last := &list[len(list)-1]
		switch {
		case r == escape && escape != 0 && pattern != "":
			r, size = utf8.DecodeRuneInString(pattern)
			pattern = pattern[size:]
			*last = append(*last, r)
		case r == '%':
			list = append(list, nil)
		case r == '_':
			*last = append(*last, AnyCharacter)
		default:
			*last = append(*last, r)
		}
	}
	return list
}

// CheckLike returns ErrArgument where a text is too long for a pattern: a part between two % that has _ in it is looked for
// at each place of the text.
func CheckLike(text, pattern string, escape rune) error {
	if len(text)*len(pattern) <= maxLikeSteps {
		return nil
	}
	list := LikeParts(pattern, escape)
	for i := 1; i < len(list)-1; i++ {
		if HasAnyCharacter(list[i]) && len(text)*len(list[i]) > maxLikeSteps {
			return ErrArgument
		}
	}
	return nil
}

// LikeSteps is how many steps the comparison with a LIKE pattern takes beyond reading the text and the
// pattern.
func LikeSteps(text, pattern string) int64 {
	if !strings.Contains(pattern, "_") {
		return 0
	}
	return int64(len(text)) * int64(len(pattern))
}

// HasAnyCharacter reports whether _ is in a part of a pattern.
func HasAnyCharacter(part []rune) bool {
	for _, r := range part {
		if r == AnyCharacter {
			return true
		}
	}
	return false
}
