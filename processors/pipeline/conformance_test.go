package pipeline_test

import (
	"testing"

	"parallax/processors/processortest"
)

// V1 runs every golden file, and what it was stopped in the middle of goes on in V2.
func TestV1DoesWhatTheGoldenFilesSay(t *testing.T) {
	processortest.Conform(t, processortest.Named("v1"), processortest.Named("v2:2"))
}
