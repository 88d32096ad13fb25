package main

import (
	"fmt"
	"os"
)

// createOutput creates a file for data, which only its owner may read. It refuses a
// file that is an input, under any name: creating it would empty it.
func createOutput(flag, name string, inputs ...*os.File) (*os.File, error) {
	if out, err := os.Stat(name); err == nil {
		for _, f := range inputs {
			if in, err := f.Stat(); err == nil && in.Mode().IsRegular() && os.SameFile(in, out) {
				return nil, fmt.Errorf("%s %s is the input file %s: name another file", flag, name, f.Name())
			}
		}
	}
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}
