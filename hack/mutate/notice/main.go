// Command notice runs every golden case and prints the names of those whose
// output is not what their file says, a line each. hack/mutate builds it with a
// rule broken.
package main

import (
	"fmt"
	"os"

	"parallax/processors/processortest"
)

// ways are how each case runs: the engine as V1 and cut in parts. The oracle,
// which shares parser and planner, is not asked.
var ways = []struct {
	config string
	size   int // of batches; 0 takes all
}{{"v1", 0}, {"v1", 1}, {"v2:3", 3}}

func main() {
	goldens, err := processortest.Goldens()
	if err != nil {
		fmt.Fprintln(os.Stderr, "notice:", err)
		os.Exit(1)
	}
	for _, g := range goldens {
		for _, w := range ways {
			if g.Check(processortest.Named(w.config), w.size) != nil {
				fmt.Println(g.File)
				break
			}
		}
	}
}
