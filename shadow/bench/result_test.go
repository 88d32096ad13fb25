package bench

import (
	"encoding/json"
	"os"
	"testing"
)

// The names of the fields are a contract with other programs.
func TestDocumentAsJSON(t *testing.T) {
	cpu, allocs := 612.5, 0.0026
	d := Document{
		Machine: Machine{CPU: "a CPU", Cores: 2, Go: "go1.26", OS: "linux", Arch: "amd64", MemoryMiB: 24_000, Version: "v1", Commit: "abc"},
		Results: []Result{
			{
				Scenario: "3b", Path: "v2:4", Batch: 1000, Cores: 2, Records: 400_000, Rows: 400_000, Checksum: "00ff", Rounds: 11,
				NsPerRecord: &Spread{370.5, 390, 470}, CPUNsPerRecord: &cpu, AllocsPerRecord: &allocs,
				RatioTo:     map[string]float64{"floor": 0.5, "direct": 1.4, "v1": 1.5},
				RatioSpread: map[string]Spread{"v1": {1.4, 1.5, 1.6}}, CPURatioTo: map[string]float64{"v1": 0.8},
			},
			{Scenario: "3b", Path: "v2:8", Batch: 1000, Cores: 2, Records: 400_000, Rows: 399_999, Checksum: "00fe", Rounds: 11, Differs: "a row less"},
		},
		Skipped: []string{"scenario 9: why"},
		Command: "parallax bench", Started: "2026-01-02T03:04:05Z",
	}
	got, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/document.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("got %s", got)
	}
}
