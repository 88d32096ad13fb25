package processortest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/processors/processortest"
)

var update = flag.Bool("update", false, "write what the oracle says into the golden files")

// With -update the oracle fills in the files. That only saves typing: the files are the
// specification, so check the result against the documentation of the dialect. Without
// -update, the files must equal the oracle's results.
func TestGoldenFilesAreWhatTheOracleWouldWrite(t *testing.T) {
	goldens, err := processortest.Goldens()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		file := filepath.Join("testdata", g.File)
		if err := processortest.Fill(g); err != nil {
			t.Error(err)
			continue
		}
		if *update {
			if strings.Contains(g.About, "Generated") {
				continue // checked against the registry's examples, which are newer than the embedded file
			}
			if err := os.WriteFile(file, g.Format(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := processortest.DiffLines(string(have), string(g.Format())); d != "" {
			t.Errorf("%s (- the file, + the oracle):\n%s", g.File, d)
		}
	}
}

func TestAGoldenFileThatIsNoneIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"without a sentence":   "-- query.sql --\nSELECT 1;\n-- input --\n-- output --\n",
		"without output":       "It says so.\n-- query.sql --\nSELECT 1;\n-- input --\n",
		"with a section twice": "It says so.\n-- query.sql --\n-- input --\n-- input --\n-- output --\n",
		"with a wrong section": "It says so.\n-- query.sql --\n-- input --\n-- outptu --\n-- output --\n",
	} {
		if _, err := processortest.ParseGolden("x.txt", []byte(text)); err == nil {
			t.Errorf("a file %s is taken", name)
		}
	}
}
