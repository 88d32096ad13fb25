package main

import (
	"fmt"
	"io"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/explain"
)

// steps shows how far an explanation is: over itself on a terminal, else a line every few
// seconds.
type steps struct {
	w        io.Writer
	terminal bool
	last     time.Time
	drawn    bool
}

func newSteps(w io.Writer) *steps {
	return &steps{w: unwrapped(w), terminal: isTerminal(w), last: time.Now()}
}

// at shows progress.
func (s *steps) at(p explain.Progress) {
	every := 5 * time.Second
	if s.terminal {
		every = 100 * time.Millisecond
	}
	if time.Since(s.last) < every {
		return
	}
	s.last = time.Now()
	line := fmt.Sprintf("%s: %s records", p.Step, gate.Thousands(int64(p.Records)))
	if p.Tries > 0 {
		line += fmt.Sprintf(", %s bytes, after %s tries", gate.Thousands(int64(p.Bytes)), gate.Thousands(int64(p.Tries)))
	}
	if s.terminal {
		s.drawn = true
		fmt.Fprint(s.w, clearLine, line)
		return
	}
	fmt.Fprintln(s.w, line)
}

// done takes the progress off the terminal.
func (s *steps) done() {
	if s.drawn {
		fmt.Fprint(s.w, clearLine)
	}
}
