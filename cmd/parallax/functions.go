package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"parallax/processors/functions"
	"parallax/processors/functions/aggregates"
)

// functionLine is a function as --functions tells it.
type functionLine struct {
	Name       string   `json:"name"`
	Aliases    []string `json:"aliases,omitempty"`
	Family     string   `json:"family"`
	Signatures []string `json:"signatures"`
	// Nulls is "strict" where a NULL argument makes the result NULL, or an aggregate
	// passes it over, else "own".
	Nulls   string `json:"nulls"`
	Doc     string `json:"doc"`
	Example string `json:"example"`
}

func functionLines() []functionLine {
	var lines []functionLine
	for _, family := range functions.Families() {
		for _, f := range family.Functions {
			nulls := "strict"
			if f.TakesNull {
				nulls = "own"
			}
			lines = append(lines, functionLine{f.Name, f.Aliases, family.Name, f.Signatures, nulls, f.Doc, f.Example})
		}
	}
	for _, f := range aggregates.All() {
		nulls := "strict"
		if f.TakesNull {
			nulls = "own"
		}
		lines = append(lines, functionLine{string(f.Name), f.Aliases, aggregateFamily, f.Calls(), nulls, f.Doc, f.Example})
	}
	return lines
}

const aggregateFamily = "Aggregates"

// examplesOver says what a family's examples are over, if that is no row of its own.
func examplesOver(family string) string {
	if family == aggregateFamily {
		return ", over " + aggregates.ExampleRows
	}
	return ""
}

// names are the function's name and its aliases.
func (l *functionLine) names() string {
	return strings.Join(append([]string{l.Name}, l.Aliases...), ", ")
}

func listFunctions(e *env) error {
	lines := functionLines()
	if e.json {
		return json.NewEncoder(e.out).Encode(lines)
	}
	t := tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0)
	family := ""
	for i := range lines {
		l := &lines[i]
		if l.Family != family {
			family = l.Family
			fmt.Fprintf(t, "%s%s\n", family, examplesOver(family))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", l.names(), l.Doc, l.Example)
	}
	return t.Flush()
}
