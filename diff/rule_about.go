package diff

import "parallax/processors/row"

// HasRule reports whether a rule is about a value column of a sink, or about a part of it.
// Column len(s.Values) is the row's own timestamp.
func HasRule(rules []Rule, s *row.Sink, column int) bool {
	of := timeColumn
	if column < len(s.Values) {
		of = s.Values[column]
	}
	for _, r := range rules {
		if _, ok := r.inside(s, of); ok {
			return true
		}
	}
	return false
}
