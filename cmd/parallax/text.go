package main

import (
	"maps"
	"slices"
	"strings"

	"parallax/diff"
)

// firstLine keeps stacks out of one-line places.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func sortedClasses(m map[diff.Class]int64) []diff.Class { return slices.Sorted(maps.Keys(m)) }
