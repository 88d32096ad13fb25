package page

import (
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/look"
)

// exampleView shows the two rows of a divergence side by side.
type exampleView struct {
	Title   string
	Columns []look.Side
	Facts   []fact
}

// examples are those of a signature: the first one, the one whose values are the furthest apart, and
// the latest one, each once.
func examples(s *diff.Signature) []exampleView {
	list := []exampleView{example("First example", &s.Example)}
	switch l := s.Largest; {
	case l == nil || s.Latest == nil: // there is one divergence
	case l.IsSame(&s.Example):
		list[0] = example("First example, and the largest difference", l)
	case l.IsSame(s.Latest):
		return append(list, example("Latest example, and the largest difference", l))
	default:
		list = append(list, example("Largest difference", l))
	}
	if s.Latest != nil {
		list = append(list, example("Latest example", s.Latest))
	}
	return list
}

func example(title string, e *diff.Example) exampleView {
	v := exampleView{Title: title, Columns: look.Sides(e)}
	if key := e.KeyText(); key != "" {
		v.Title += ", key " + look.Text(key)
	}
	add := func(name, value string) {
		if value != "" {
			v.Facts = append(v.Facts, fact{name, value})
		}
	}
	add("Place", look.Text(e.Place))
	add("Cause", causes(e))
	add("Error", look.Text(e.Error))
	if s := e.State; s != nil {
		add("State", fmt.Sprintf("of %s after %s: %s that only one side has", look.Name(s.Stage), look.Count(s.Position, "record"), entries(s.Entries)))
		add("No keys", look.Text(s.Why))
		for _, k := range clip(s.Keys, mostColumnNames) {
			v.Columns = append(v.Columns, look.Side{Name: look.Name(k.Key), V1: look.Text(k.V1), V2: look.Text(k.V2), Differs: true})
		}
	}
	return v
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return gate.Thousands(n) + " entries"
}

const mostCauses = 8

func causes(e *diff.Example) string {
	if e.Flush {
		return fmt.Sprintf("the flush at the end of the input, batch %s", gate.Thousands(e.Batch))
	}
	if len(e.Causes) == 0 {
		return ""
	}
	var list []string
	for _, c := range clip(e.Causes, mostCauses) {
		list = append(list, fmt.Sprintf("%s/%d@%d", look.Name(c.Topic), c.Partition, c.Offset))
	}
	return fmt.Sprintf("input record %s, in batch %s", strings.Join(list, ", "), gate.Thousands(e.Batch))
}
