package expression

import (
	"unicode/utf8"

	"parallax/processors/functions"
)

// shortLike is up to how many steps the search that may go back over the text takes.
const shortLike = 1 << 16

// matchesLong is matches for a long text or pattern. It looks for each part between two % once, from where the
// part before it ended, in time linear in text and pattern unless the part has _ in it.
func matchesLong(text, pattern string, escape rune) bool {
	if !utf8.ValidString(text) {
		text = string([]rune(text)) // each byte that is no UTF-8 is one character, as in the pattern
	}
	parts := functions.LikeParts(pattern, escape)
	first, last := parts[0], parts[len(parts)-1]
	end := partEnd(text, first)
	if end < 0 || len(parts) == 1 {
		return end == len(text)
	}
	text = text[end:]
	start := len(text)
	for range last {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		if size == 0 {
			return false
		}
		start -= size
	}
	if partEnd(text[start:], last) < 0 {
		return false
	}
	text = text[:start]
	for _, part := range parts[1 : len(parts)-1] {
		end := findPart(text, part)
		if end < 0 {
			return false
		}
		text = text[end:]
	}
	return true
}

// findPart returns where the first occurrence of a part in a text ends, -1 where there is none.
func findPart(text string, part []rune) int {
	if !functions.HasAnyCharacter(part) {
		literal := string(part)
		at := functions.Index(text, literal)
		if at < 0 {
			return -1
		}
		return at + len(literal)
	}
	for at := 0; ; {
		if end := partEnd(text[at:], part); end >= 0 {
			return at + end
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		if size == 0 {
			return -1
		}
		at += size
	}
}

// partEnd returns where a part that begins a text ends in it, -1 where the text begins otherwise.
func partEnd(text string, part []rune) int {
	at := 0
	for _, want := range part {
		r, size := utf8.DecodeRuneInString(text[at:])
		if size == 0 || want != functions.AnyCharacter && want != r {
			return -1
		}
		at += size
	}
	return at
}
