package partitions_test

import (
	"testing"

	"parallax/processors/processortest"
)

// V2 runs every golden file, and another processor continues from V2's state in the middle
// of it, at another partition count.
func TestV2DoesWhatTheGoldenFilesSayAtAnyPartitionCount(t *testing.T) {
	for config, others := range map[string][]string{
		"v2:1": {"v2:3"},
		"v2:2": {"v1", "v2:7"},
		"v2:3": {"v2:2"},
		"v2:7": {"v2:1", "v2:3"},
	} {
		t.Run(config, func(t *testing.T) {
			var into []processortest.Variant
			for _, o := range others {
				into = append(into, processortest.Named(o))
			}
			processortest.Conform(t, processortest.Named(config), into...)
		})
	}
}
