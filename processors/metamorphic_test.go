package processors_test

import (
	"flag"
	"testing"

	"parallax/processors/processortest"
)

var (
	firstSeed = flag.Uint64("seed", 1, "first seed of the random inputs")
	seedCount = flag.Int("seeds", 420, "how many seeds")
)

func TestRandomInputsComeOutOfEveryPathAsTheOracleSays(t *testing.T) {
	again := "go test ./processors -run '^" + t.Name() + "$' -seeds 1 -seed %d"
	processortest.Metamorphic(t, again, processortest.Seeds(*firstSeed, *seedCount),
		processortest.Named("v1"), processortest.Named("v2:1"), processortest.Named("v2:2"), processortest.Named("v2:3"), processortest.Named("v2:7"))
}
