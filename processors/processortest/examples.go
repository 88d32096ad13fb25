package processortest

import (
	"fmt"
	"strings"

	"parallax/processors/functions"
	"parallax/processors/functions/aggregates"
)

// FamilyGolden makes a golden of a family's examples: each call is a column, next to a
// column with the result that the registry states.
func FamilyGolden(family functions.Family) *Golden {
	var items []string
	for _, f := range family.Functions {
		call, result, _ := strings.Cut(f.Example, " = ")
		items = append(items, fmt.Sprintf("  %s AS %s,\n  %s AS %[2]s_IS", call, f.Name, result))
	}
	return &Golden{
		File:  "functions_" + strings.ReplaceAll(strings.ToLower(family.Name), " ", "_") + ".txt",
		About: "The registry's examples, " + family.Name + ": each column X is what X_IS says. Generated: do not edit.\n",
		Query: "CREATE STREAM one (n INT) WITH (kafka_topic='one', value_format='JSON');\nSELECT\n" +
			strings.Join(items, ",\n") + "\nFROM one;\n",
		Input: "0 {\"n\":1}\n",
	}
}

// AggregatesGolden makes a golden of the aggregates' examples, over the example rows.
func AggregatesGolden() *Golden {
	var items []string
	for _, f := range aggregates.All() {
		call, result, _ := strings.Cut(f.Example, " = ")
		items = append(items, fmt.Sprintf("  %s AS %s,\n  %s AS %[2]s_IS", call, f.Name, result))
	}
	columns, rows, _ := strings.Cut(aggregates.ExampleRows, ": ")
	return &Golden{
		File:  "functions_aggregates.txt",
		About: "The registry's examples, aggregates: each column X is what X_IS says. Generated: do not edit.\n",
		Query: "CREATE STREAM t (" + columns + ") WITH (kafka_topic='t', value_format='JSON');\nSELECT\n" +
			strings.Join(items, ",\n") + "\nFROM t EMIT FINAL;\n",
		Input: exampleInput(rows),
	}
}

// exampleInput makes records from rows such as (1, 2, 'a'), (NULL, 1, 'b').
func exampleInput(rows string) string {
	var b strings.Builder
	for i, r := range strings.Split(strings.Trim(rows, "()"), "), (") {
		var x, y, s string
		for j, into := range []*string{&x, &y, &s} {
			*into = strings.ReplaceAll(strings.ReplaceAll(strings.Split(r, ", ")[j], "NULL", "null"), "'", `"`)
		}
		fmt.Fprintf(&b, "%d {\"x\":%s,\"y\":%s,\"s\":%s}\n", i, x, y, s)
	}
	return b.String()
}
