package main

import "strings"

// firstLine keeps stacks out of one-line places.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
