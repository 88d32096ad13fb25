package functions

import (
	"iter"
	"strings"
)

// shortPart is how long a part may be for package strings to find it: its search goes back as far
// as the part is long.
const shortPart = 64

// Index is strings.Index in time linear in both texts.
func Index(s, part string) int {
	if len(part) <= shortPart || len(part) > len(s) {
		return strings.Index(s, part)
	}
	for at := range findAll(s, part, false) {
		return at
	}
	return -1
}

// findAll returns the places at which a part, which is not empty, begins in a text, in order; those that overlap the one before
// only if asked for. A long part is searched for by Knuth, Morris and Pratt, in time linear in both texts.
func findAll(s, part string, overlapping bool) iter.Seq[int] {
	if len(part) <= shortPart {
		step := len(part)
		if overlapping {
			step = 1
		}
		return func(yield func(int) bool) {
			for at := 0; at <= len(s); at += step {
				i := strings.Index(s[at:], part)
				if i < 0 {
					return
				}
				if at += i; !yield(at) {
					return
				}
			}
		}
	}
	return func(yield func(int) bool) {
		if len(part) > len(s) {
			return
		}
		border := borders(part)
		matched := 0
		for i := range len(s) {
			for matched > 0 && s[i] != part[matched] {
				matched = int(border[matched-1])
			}
			if s[i] == part[matched] {
				matched++
			}
			if matched < len(part) {
				continue
			}
			if !yield(i + 1 - matched) {
				return
			}
			if matched = 0; overlapping {
				matched = int(border[len(part)-1])
			}
		}
	}
}

// borders returns, for each prefix of a part, the length of its longest proper prefix that is also its suffix.
func borders(part string) []int32 {
	border := make([]int32, len(part))
	k := 0
	for i := 1; i < len(part); i++ {
		for k > 0 && part[i] != part[k] {
			k = int(border[k-1])
		}
		if part[i] == part[k] {
			k++
		}
		border[i] = int32(k)
	}
	return border
}

// parts iterates over the texts between the occurrences of a delimiter, which is not empty.
func parts(s, delimiter string) iter.Seq[string] {
	return func(yield func(string) bool) {
		from := 0
		for at := range findAll(s, delimiter, false) {
			if !yield(s[from:at]) {
				return
			}
			from = at + len(delimiter)
		}
		yield(s[from:])
	}
}

// count is strings.Count in linear time.
func count(s, part string) (n int) {
	if len(part) <= shortPart {
		return strings.Count(s, part)
	}
	for range findAll(s, part, false) {
		n++
	}
	return n
}

// replaceAll is strings.ReplaceAll, in linear time; it fails where the result is larger than MaxResult.
func replaceAll(s, old, new string) (string, error) {
	n := 0
	if len(new) > len(old) {
		n = count(s, old)
	}
	if len(s)+n*(len(new)-len(old)) > MaxResult {
		return "", ErrResultSize
	}
	if len(old) <= shortPart {
		return strings.ReplaceAll(s, old, new), nil
	}
	var b strings.Builder
	first := true
	for part := range parts(s, old) {
		if !first {
			b.WriteString(new)
		}
		first = false
		b.WriteString(part)
	}
	return b.String(), nil
}
