package processors_test

import (
	"flag"
	"testing"

	"parallax/processors/processortest"
)

var (
	firstSeed = flag.Uint64("seed", 1, "first seed of the random scripts")
	seedCount = flag.Int("seeds", 400, "how many seeds")
	reduce    = flag.Bool("reduce", false, "make what fails smaller")
)

func TestRandomScriptsComeOutOfEveryPathAsTheOracleSays(t *testing.T) {
	again := "go test ./processors -run '^" + t.Name() + "$' -seeds 1 -seed %d"
	processortest.Metamorphic(t, again, processortest.Seeds(*firstSeed, *seedCount), *reduce,
		processortest.Named("v1"), processortest.Named("v2:1"), processortest.Named("v2:2"), processortest.Named("v2:3"), processortest.Named("v2:7"))
}

func TestRandomScriptsOfChainsAndJoinsComeOutOfEveryPathAsTheOracleSays(t *testing.T) {
	processortest.Shapes(t, processortest.Seeds(*firstSeed, *seedCount),
		processortest.Named("v1"), processortest.Named("v2:1"), processortest.Named("v2:2"), processortest.Named("v2:3"), processortest.Named("v2:7"))
}

func TestStatesOfRandomScriptsHaveOneDigestOnEveryPath(t *testing.T) {
	again := "go test ./processors -run '^" + t.Name() + "$' -seeds 1 -seed %d"
	const share = 4 // of the seeds, since each batch is followed by five snapshots
	processortest.States(t, again, processortest.Seeds(*firstSeed, max(1, *seedCount/share)),
		processortest.Named("v1"), processortest.Named("v2:1"), processortest.Named("v2:3"), processortest.Named("v2:7"))
}
