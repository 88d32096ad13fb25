package numeric_test

import (
	"fmt"

	"parallax/processors/numeric"
)

// A decimal is a whole number of 128 bits and a scale: 1.50 is 150 with scale 2.
func ExampleParseDecimal() {
	price, scale, _ := numeric.ParseDecimal("1.50")
	total, _ := price.Mul(numeric.Int128Of(3))
	fmt.Println(string(total.AppendDecimal(nil, scale)))
	// Output: 4.50
}
