package records_test

import (
	"context"
	"fmt"
	"strings"

	"parallax/diff/records"
)

// Two files of output records differ in the value of one row.
func ExampleCompare() {
	v1 := strings.NewReader(`{"topic":"totals","key":{"SYMBOL":"A"},"value":{"N":1}}
{"topic":"totals","key":{"SYMBOL":"A"},"value":{"N":2}}
`)
	v2 := strings.NewReader(`{"topic":"totals","key":{"SYMBOL":"A"},"value":{"N":1}}
{"topic":"totals","key":{"SYMBOL":"A"},"value":{"N":3}}
`)
	result, err := records.Compare(context.Background(), v1, v2, "v1.jsonl", "v2.jsonl", records.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Rows, result.LevelHeld, result.Roots())
	for _, s := range result.Signatures {
		fmt.Println(s.Class, s.Columns)
	}
	// Output:
	// [2 2] none 1
	// value [N]
}
