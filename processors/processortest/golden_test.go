package processortest_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"parallax/processors/processortest"
)

var update = flag.Bool("update", false, "write what the oracle says into the golden files")

// The golden files are the specification; -update only saves typing, and what
// it writes must be checked against the dialect's page.
func TestTheOracleSaysWhatTheGoldenFilesSay(t *testing.T) {
	if *update {
		goldens, err := processortest.Goldens()
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range goldens {
			if err := processortest.Fill(g); err != nil {
				t.Error(err)
				continue
			}
			if err := os.WriteFile(filepath.Join("testdata", g.File), g.Format(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Skip("written; run again without -update")
	}
	processortest.Conform(t, processortest.Oracle)
}
