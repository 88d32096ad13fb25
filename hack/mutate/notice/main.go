// Command notice runs every golden case and prints the names of the cases whose output
// differs from their file, one on each line. hack/mutate builds it with a broken rule.
//
// Stability: ours.
package main

import (
	"fmt"
	"os"

	"parallax/processors/processortest"
)

// ways are how each case runs: the engine as V1, cut in parts, and with its state moved
// from V1 into V2. The oracle, which shares parser and planner, is not asked.
var ways = []func(*processortest.Golden) error{
	func(g *processortest.Golden) error { return g.Check(processortest.Named("v1"), 0) },
	func(g *processortest.Golden) error { return g.Check(processortest.Named("v1"), 1) },
	func(g *processortest.Golden) error { return g.Check(processortest.Named("v2:3"), 3) },
	func(g *processortest.Golden) error {
		return g.CheckMoved(processortest.Named("v1"), processortest.Named("v2:2"))
	},
}

func main() {
	goldens, err := processortest.Goldens()
	if err != nil {
		fmt.Fprintln(os.Stderr, "notice:", err)
		os.Exit(1)
	}
	for _, g := range goldens {
		for _, differs := range ways {
			if differs(g) != nil {
				fmt.Println(g.File)
				break
			}
		}
	}
}
