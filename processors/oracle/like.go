package oracle

import "slices"

// pattern is a LIKE pattern, cut at each %. A part of it holds characters, and
// anyCharacter where the pattern has _.
type pattern [][]rune

const anyCharacter rune = -1

// parsePattern reads a LIKE pattern. An escape at its very end stands for itself.
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

// matches reports whether all of a text fits the pattern. The first part begins the
// text, the last one ends it, and each of the others is at its first place behind the
// one before it.
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

// place returns the first place of a part in a text, -1 where there is none. A part
// without _ takes steps in proportion to the place that is found. One with _ is tried
// at each place: plan.CheckLike refuses texts for which that is too much.
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
