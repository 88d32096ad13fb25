package main

import (
	"bytes"
	"fmt"
	"testing"
)

// A log line does not follow the progress in the same line of the terminal, and data in it
// has no control over the terminal.
func TestALogLineTakesThePlaceOfProgress(t *testing.T) {
	var terminal bytes.Buffer
	w := newOverdraw(newPrintable(&terminal))
	fmt.Fprint(&terminal, "processed 5 of 10")
	fmt.Fprint(w, "level=WARN msg=\x1b[2J\n")
	if got, want := terminal.String(), "processed 5 of 10\r\x1b[Klevel=WARN msg=\\u001b[2J\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
