package main

import (
	"fmt"
	"os"
)

// createOutput creates a file for data, which only its owner may read, also where the
// file was there before and others could read it. It refuses a file that is an input,
// under any name: creating it would empty it.
func createOutput(flag, name string, inputs ...*os.File) (*os.File, error) {
	if out, err := os.Stat(name); err == nil {
		for _, f := range inputs {
			if in, err := f.Stat(); err == nil && in.Mode().IsRegular() && os.SameFile(in, out) {
				return nil, fmt.Errorf("%s %s is the input file %s: name another file", flag, name, f.Name())
			}
		}
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := keepPrivate(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s %s: other users may read the file, and its permissions cannot be changed (%w): name a new file", flag, name, err)
	}
	return f, nil
}

// keepPrivate takes a file's permissions for group and others away. What is not a file,
// such as a pipe or a terminal, stays as it is.
func keepPrivate(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return f.Chmod(info.Mode().Perm() &^ 0o077)
}
