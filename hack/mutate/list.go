package main

import (
	"fmt"
	"strings"
)

// mutation breaks one rule: a text of a file, which stands there once, becomes
// another.
type mutation struct {
	Rule string // the heading of the page's paragraph
	Says string // the sentence that is broken, and how
	File string
	Old  string
	New  string
	// Unseen is why no run can notice it; "" where one has to.
	Unseen string
}

// readList reads mutations, which are written as
//
//	## Rule
//
//	what is broken
//	@ file
//	<<<
//	text
//	===
//	its replacement
//	>>>
//
// A line that starts with "unseen: " after the sentence says why no run can notice
// the mutation. Lines that start with # and a blank are remarks.
func readList(text string) ([]mutation, error) {
	var list []mutation
	var m mutation
	rule := ""
	var part *string
	for i, line := range strings.Split(text, "\n") {
		wrong := func(what string) error { return fmt.Errorf("line %d: %s: %q", i+1, what, line) }
		switch {
		case line == "<<<":
			if part != nil || m.File == "" {
				return nil, wrong("a text out of place")
			}
			part = &m.Old
		case line == "===" && part == &m.Old:
			part = &m.New
		case line == ">>>":
			if part != &m.New {
				return nil, wrong("an end out of place")
			}
			m.Rule, m.Old, m.New = rule, strings.TrimSuffix(m.Old, "\n"), strings.TrimSuffix(m.New, "\n")
			list = append(list, m)
			m, part = mutation{}, nil
		case part != nil:
			*part += line + "\n"
		case strings.HasPrefix(line, "## "):
			rule = line[3:]
		case strings.HasPrefix(line, "@ "):
			m.File = line[2:]
		case strings.HasPrefix(line, "unseen: "):
			m.Unseen = line[len("unseen: "):]
		case line == "", strings.HasPrefix(line, "# "):
		default:
			m.Says = strings.TrimSpace(m.Says + " " + line)
		}
	}
	for _, m := range list {
		if m.Rule == "" || m.Says == "" || m.Old == m.New {
			return nil, fmt.Errorf("%s: a mutation wants a rule, a sentence and a change: %q", m.File, m.Old)
		}
	}
	if m != (mutation{}) {
		return nil, fmt.Errorf("the last mutation has no end: %q", m.Says)
	}
	return list, nil
}

// apply makes the change in a file's text.
func (m *mutation) apply(text string) (string, error) {
	if n := strings.Count(text, m.Old); n != 1 {
		return "", fmt.Errorf("%s has %d times %q, not once", m.File, n, m.Old)
	}
	return strings.Replace(text, m.Old, m.New, 1), nil
}
