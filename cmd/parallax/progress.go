package main

import (
	"fmt"
	"io"
	"time"

	"parallax/reports/gate"
)

// clearLine clears a terminal's last line.
const clearLine = "\r\x1b[K"

// progress tells how far long work is: over itself on a terminal, else a line
// every few seconds.
type progress struct {
	w        io.Writer
	what     string
	total    int64
	terminal bool
	last     time.Time
	drawn    bool
}

// newProgress draws on the terminal below w; what is the program's own text.
func newProgress(w io.Writer, what string, total int64) *progress {
	return &progress{w: unwrapped(w), what: what, total: total, terminal: isTerminal(w), last: time.Now()}
}

// at says how much is done.
func (p *progress) at(n int64) {
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	line := fmt.Sprintf("%s %s", p.what, gate.Thousands(n))
	if p.total > 0 {
		line += fmt.Sprintf(" of %s (%d %%)", gate.Thousands(p.total), 100*n/p.total)
	}
	if p.terminal {
		p.drawn = true
		fmt.Fprint(p.w, clearLine, line)
		return
	}
	fmt.Fprintln(p.w, line)
}

// done takes the progress off the terminal.
func (p *progress) done() {
	if p.drawn {
		fmt.Fprint(p.w, clearLine)
	}
}
