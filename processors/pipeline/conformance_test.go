package pipeline_test

import (
	"testing"

	"parallax/processors/processortest"
)

// V1 runs every golden file, and V2 continues from V1's state in the middle of it.
func TestV1DoesWhatTheGoldenFilesSay(t *testing.T) {
	processortest.Conform(t, processortest.Named("v1"), processortest.Named("v2:2"))
}
