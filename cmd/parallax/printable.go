package main

import (
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// printable is a writer for text that people read. Data must not control their
// terminal: control characters (apart from line feed and tab) and bidirectional
// controls are written as \uNNNN, bytes that are not UTF-8 as \xNN. Inside a JSON
// string \uNNNN means the same character, so JSON may be written through it too.
type printable struct {
	raw     io.Writer
	mu      sync.Mutex // logs come from several goroutines
	partial []byte     // the beginning of a character whose end is in the next Write
	escaped []byte
}

func newPrintable(w io.Writer) *printable { return &printable{raw: w} }

func (p *printable) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := text
	if len(p.partial) > 0 {
		all = append(p.partial, text...)
		p.partial = nil
	}
	p.escaped = p.escaped[:0]
	for len(all) > 0 {
		r, size := utf8.DecodeRune(all)
		switch {
		case r == utf8.RuneError && !utf8.FullRune(all):
			p.partial = append([]byte{}, all...)
			size = len(all)
		case r == utf8.RuneError && size == 1:
			p.escaped = fmt.Appendf(p.escaped, `\x%02x`, all[0])
		case isControl(r):
			p.escaped = fmt.Appendf(p.escaped, `\u%04x`, r)
		default:
			p.escaped = append(p.escaped, all[:size]...)
		}
		all = all[size:]
	}
	if _, err := p.raw.Write(p.escaped); err != nil {
		return 0, err
	}
	return len(text), nil
}

// isControl reports whether a terminal may act on a character instead of showing it.
func isControl(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < 0x20, 0x7f <= r && r <= 0x9f: // C0, DEL, C1
		return true
	}
	return r == 0x061c || r == 0x200e || r == 0x200f || // Unicode's Bidi_Control
		0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// unwrapped is the writer below a printable one, for the program's own terminal sequences.
func unwrapped(w io.Writer) io.Writer {
	for {
		p, ok := w.(*printable)
		if !ok {
			return w
		}
		w = p.raw
	}
}
