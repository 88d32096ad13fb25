package processors_test

import (
	"fmt"

	"parallax/processors"
)

// A configuration string names an architecture and its number of partitions.
func ExampleParseConfig() {
	cfg, err := processors.ParseConfig("v2:4")
	fmt.Println(cfg.Architecture, cfg.Partitions, err)
	_, err = processors.ParseConfig("v3")
	fmt.Println(err)
	// Output:
	// v2 4 <nil>
	// invalid processor: "v3" (write one of v1, v2, v2:N, v2:affinity, v2:N:affinity)
}
