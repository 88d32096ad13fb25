package main

import (
	"fmt"
	"os"
)

// createOutput creates a file for data, which only its owner may read. It refuses the
// file that is the input, under any name: creating it would empty it.
func createOutput(flag, name, input string) (*os.File, error) {
	if out, err := os.Stat(name); err == nil {
		if in, err := os.Stat(input); err == nil && os.SameFile(in, out) {
			return nil, fmt.Errorf("%s %s is the input file %s: name another file", flag, name, input)
		}
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}
