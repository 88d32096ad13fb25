package look

import (
	"fmt"
	"strings"
	"unicode"

	"parallax/processors/row"
)

// longest bounds a text of the data in a page, longestName a name.
const (
	longest     = 1500
	longestName = 200
)

// Text makes a text of the data fit for a page: not too long, and without characters that
// are not allowed or that reorder what follows.
func Text(s string) string { return visible(row.ShortenTo(s, longest)) }

// Name is Text for a name.
func Name(s string) string { return visible(row.ShortenTo(s, longestName)) }

// visible writes control characters and those that change the direction of the text as their
// numbers.
func visible(s string) string {
	if strings.IndexFunc(s, isHidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isHidden(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isHidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}
