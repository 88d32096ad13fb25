package processortest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/processors/functions"
	"parallax/processors/processortest"
)

func TestExamplesOfTheRegistryGiveWhatTheySay(t *testing.T) {
	goldens := []*processortest.Golden{processortest.AggregatesGolden()}
	for _, family := range functions.Families() {
		goldens = append(goldens, processortest.FamilyGolden(family))
	}
	for _, g := range goldens {
		if err := processortest.Fill(g); err != nil {
			t.Error(err)
			continue
		}
		for line := range strings.Lines(g.Output) { // several for table functions
			var out struct{ Value map[string]json.RawMessage }
			if err := json.Unmarshal([]byte(line), &out); err != nil {
				t.Fatal(err)
			}
			for name, want := range out.Value {
				if is, ok := strings.CutSuffix(name, "_IS"); ok && string(out.Value[is]) != string(want) {
					t.Errorf("%s gives %s, its example says %s", is, out.Value[is], want)
				}
			}
		}
		file := filepath.Join("testdata", g.File)
		if *update {
			if err := os.WriteFile(file, g.Format(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil || string(have) != string(g.Format()) {
			t.Errorf("%s is not what the registry says: go test ./processors/processortest -run Examples -update (%v)", file, err)
		}
	}
}
