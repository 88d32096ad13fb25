package processortest

import (
	"fmt"
	"strings"

	"parallax/processors/plan"
)

// FamilyGolden makes a golden of a family's examples: each call is a column, and
// what the registry says that it gives is the column beside it.
func FamilyGolden(family plan.Family) *Golden {
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
