package reports

import (
	"io"

	"parallax/reports/gate"
)

// style is how a terminal shows a part of a text.
type style string

// The styles, as ANSI sequences.
const (
	green  style = "\x1b[1;32m"
	red    style = "\x1b[1;31m"
	yellow style = "\x1b[1;33m"
	bold   style = "\x1b[1m"

	plain = "\x1b[0m"
)

// styleOf is a verdict's colour.
func styleOf(verdict string) style {
	switch gate.State(verdict) {
	case gate.Pass:
		return green
	case gate.Inconclusive:
		return yellow
	}
	return red
}

// span is a part of the text, by byte offsets, that has a style.
type span struct {
	from, to int
	style    style
}

// styled applies a style to the text that write writes. Line ends stay outside the style.
func (t *text) styled(s style, write func()) {
	from := t.b.Len()
	write()
	if to := t.b.Len() - 1; to > from { // the last line feed
		t.spans = append(t.spans, span{from, to, s})
	}
}

// writeTo writes the text to w and the styles' sequences to terminal, the writer behind w:
// w may escape control characters. A nil terminal means no styles.
func (t *text) writeTo(w, terminal io.Writer) error {
	all, at := t.b.String(), 0
	write := func(to io.Writer, s string) error {
		_, err := io.WriteString(to, s)
		return err
	}
	if terminal != nil {
		for _, s := range t.spans {
			for _, part := range []struct {
				to   io.Writer
				text string
			}{{w, all[at:s.from]}, {terminal, string(s.style)}, {w, all[s.from:s.to]}, {terminal, plain}} {
				if err := write(part.to, part.text); err != nil {
					return err
				}
			}
			at = s.to
		}
	}
	return write(w, all[at:])
}
