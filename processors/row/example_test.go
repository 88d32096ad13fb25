package row_test

import (
	"fmt"

	"parallax/processors/row"
)

// Values are typed: 1 and 1.0 are equal across types, and not equal as rows.
func ExampleEqual() {
	one := row.NewInt(1)
	double := row.NewDouble(1)
	fmt.Println(row.Equal(one, double), row.EqualAcross(one, double))
	// Output: false true
}

// The canonical key of a group: equal keys have equal bytes, and equal hashes.
func ExampleAppendKey() {
	a := row.AppendKey(nil, row.NewString("ACME"), row.NewBigint(7))
	b := row.AppendKey(nil, row.NewString("ACME"), row.NewBigint(7))
	fmt.Println(string(a) == string(b), row.HashKey(a) == row.HashKey(b))
	// Output: true true
}
