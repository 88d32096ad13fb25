package main

import (
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable is a writer for text that people read. Data must not control their
// terminal: control characters (apart from line feed and tab), Unicode's line and
// paragraph separators and its format characters, which are invisible, are written as
// \uNNNN, bytes that are not UTF-8 as \xNN. Inside a JSON string \uNNNN means the same
// character, so JSON may be written through it too.
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
			for _, unit := range utf16.AppendRune(nil, r) {
				p.escaped = fmt.Appendf(p.escaped, `\u%04x`, unit)
			}
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
	case r < 0x7f:
		return r < 0x20
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // format characters that are visible
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
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
