package oracle

import "slices"

// pattern is a LIKE pattern, split at each %. A part contains characters, and anyCharacter
// for each _ of the pattern.
type pattern [][]rune

const anyCharacter rune = -1

// parsePattern parses a LIKE pattern. An escape at its end is a plain character.
func parsePattern(text string, escape rune) pattern {
	parts, part := pattern{}, []rune{}
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case escape != 0 && r == escape && i+1 < len(runes):
			i++
			part = append(part, runes[i])
		case r == '%':
			parts, part = append(parts, part), []rune{}
		case r == '_':
			part = append(part, anyCharacter)
		default:
			part = append(part, r)
		}
	}
	return append(parts, part)
}

// matches reports whether the whole text fits the pattern. The first part must begin the
// text, the last one must end it, and each of the others is matched at its first place
// after the part before it.
func (p pattern) matches(text string) bool {
	rest, first, last := []rune(text), p[0], p[len(p)-1]
	if len(p) == 1 {
		return len(rest) == len(first) && fits(rest, first)
	}
	if len(rest) < len(first)+len(last) || !fits(rest, first) || !fits(rest[len(rest)-len(last):], last) {
		return false
	}
	rest = rest[len(first) : len(rest)-len(last)]
	for _, part := range p[1 : len(p)-1] {
		at := place(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// fits reports whether a part begins a text.
func fits(text, part []rune) bool {
	if len(text) < len(part) {
		return false
	}
	for i, r := range part {
		if r != anyCharacter && r != text[i] {
			return false
		}
	}
	return true
}

// place returns the first place of a part in a text, -1 if there is none. The steps for a
// part without _ are proportional to the found place. A part with _ is tried at each place:
// plan.CheckLike refuses texts for which that is too slow.
func place(text, part []rune) int {
	if !slices.Contains(part, anyCharacter) {
		return placeOfCharacters(text, part)
	}
	for at := 0; at+len(part) <= len(text); at++ {
		if fits(text[at:], part) {
			return at
		}
	}
	return -1
}

// placeOfCharacters is place of characters alone, by the algorithm of Knuth, Morris and
// Pratt.
func placeOfCharacters(text, part []rune) int {
	if len(part) > len(text) {
		return -1
	}
	// borders[i] is the length of the longest proper prefix of part[:i+1] that is also a
	// suffix of it.
	borders := make([]int32, len(part))
	n := int32(0)
	for i := 1; i < len(part); i++ {
		for n > 0 && part[i] != part[n] {
			n = borders[n-1]
		}
		if part[i] == part[n] {
			n++
		}
		borders[i] = n
	}
	n = 0
	for i, r := range text {
		if int(n) == len(part) {
			return i - len(part)
		}
		for n > 0 && r != part[n] {
			n = borders[n-1]
		}
		if r == part[n] {
			n++
		}
	}
	if int(n) == len(part) {
		return len(text) - len(part)
	}
	return -1
}
