package main

import (
	"io"
	"os"
)

// terminal is standard output itself where it is a terminal that shows colours, else nil.
func (e *env) terminal() io.Writer {
	if !showsColours(isTerminal(e.out), e.json, os.Getenv) {
		return nil
	}
	return unwrapped(e.out)
}

// showsColours reports whether text for people may have colours.
func showsColours(isTerminal, json bool, getenv func(string) string) bool {
	return isTerminal && !json && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}
