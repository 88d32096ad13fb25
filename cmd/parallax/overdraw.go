package main

import "io"

// overdraw is where a terminal's log lines go: each takes the place of the progress that
// is drawn in the last line, which is drawn again below it.
type overdraw struct{ text, terminal io.Writer }

// newOverdraw writes to w, and the sequence that clears a line to the terminal below it.
func newOverdraw(w io.Writer) io.Writer { return overdraw{w, unwrapped(w)} }

func (o overdraw) Write(line []byte) (int, error) {
	if _, err := io.WriteString(o.terminal, clearLine); err != nil {
		return 0, err
	}
	return o.text.Write(line)
}
