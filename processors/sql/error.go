package sql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pos is a byte offset in the script.
type Pos int

// Error is an error in a script with its position. Hint, if not empty, says what to do.
type Error struct {
	Line, Column int // from 1; the column in characters
	Message      string
	Hint         string
	// Text is the line, for showing.
	Text string
	// Within is the text in which line and column are counted, if the error must state it.
	Within string
}

// Errorf returns an error at a position of a script.
func Errorf(script string, at Pos, format string, args ...any) *Error {
	before := script[:min(int(at), len(script))]
	start := strings.LastIndexByte(before, '\n') + 1
	text, _, _ := strings.Cut(script[start:], "\n")
	return &Error{
		Line:    strings.Count(before, "\n") + 1,
		Column:  utf8.RuneCountInString(before[start:]) + 1,
		Message: fmt.Sprintf(format, args...),
		Text:    strings.TrimRight(text, "\r"),
	}
}

// WithHint adds a hint: what to do.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error shows the message, the line, and a caret under the place:
//
//	line 2, column 8: unknown column SYMBL
//	  SELECT symbl FROM trades
//	         ^
//	  did you mean SYMBOL?
//
// Of a long line it shows what is around the place.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d, column %d", e.Line, e.Column)
	if e.Within != "" {
		b.WriteString(" of " + e.Within) // which ends with a colon
	} else {
		b.WriteString(":")
	}
	b.WriteString(" " + e.Message)
	if e.Text != "" {
		line, caret := excerpt(strings.ReplaceAll(e.Text, "\t", " "), e.Column-1)
		b.WriteString("\n  " + line)
		b.WriteString("\n  " + strings.Repeat(" ", caret) + "^")
	}
	if e.Hint != "" {
		b.WriteString("\n  " + e.Hint)
	}
	return b.String()
}

// excerpt shortens a line to the part around one of its characters.
func excerpt(line string, at int) (text string, caret int) {
	const around = 100
	runes := []rune(line)
	from, to := max(0, at-around), min(len(runes), at+around)
	before, after := "", ""
	if from > 0 {
		before = "... "
	}
	if to < len(runes) {
		after = " ..."
	}
	return before + string(runes[from:to]) + after, len(before) + at - from
}

// Nearest returns the candidate most similar to name, "" if none is similar enough to be a
// spelling mistake.
func Nearest(name string, candidates []string) string {
	far := max(1, len(name)/3)
	if len(name) >= 4 {
		far = max(2, far) // two letters that changed places
	}
	best, bestDistance := "", min(far+1, len(name)) // something of the name must be left
	for _, c := range candidates {
		if d := distance(strings.ToUpper(name), strings.ToUpper(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
