package reduce_test

import (
	"context"
	"fmt"
	"slices"

	"parallax/diff/reduce"
)

// A list fails as long as it has both a 3 and a 7: the rest is left out.
func ExampleList() {
	list := []int{1, 2, 3, 4, 5, 6, 7, 8}
	fails := func(l []int) bool { return slices.Contains(l, 3) && slices.Contains(l, 7) }
	fmt.Println(reduce.List(context.Background(), list, fails))
	// Output: [3 7]
}
