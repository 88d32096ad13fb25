package gate_test

import (
	"fmt"

	"parallax/reports/gate"
)

// A run that compared nothing does not pass.
func ExampleDecide() {
	v := gate.Decide(gate.DefaultPolicy(), gate.Evidence{})
	fmt.Println(v.State, v.Code())
	// Output: inconclusive 3
}
