package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"parallax/shadow/bench"
)

func TestABenchmarkWhosePathsDifferFails(t *testing.T) {
	figure := 1.5
	doc := &bench.Document{Results: []bench.Result{
		{
			Scenario: "3b", Path: "v1", Batch: 1000, Cores: 1, Rows: 10, Checksum: "00aa",
			NsPerRecord: &bench.Spread{Min: 1, Median: 2, Max: 3}, CPUNsPerRecord: &figure, AllocsPerRecord: &figure,
		},
		{Scenario: "3b", Path: "v2:4", Batch: 1000, Cores: 2, Rows: 9, Checksum: "00ab", Differs: "9 rows, and v1 gave 10"},
	}}
	var out, errs bytes.Buffer
	err := (&benchCommand{}).finish(&env{ctx: t.Context(), out: &out, errs: &errs}, doc)
	if code, ok := errors.AsType[exitCode](err); !ok || code != exitFail {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"its rows differ: no figure", "9 rows, and v1 gave 10"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	doc.Results = doc.Results[:1]
	if err := (&benchCommand{}).finish(&env{ctx: t.Context(), out: &out, errs: &errs}, doc); err != nil {
		t.Errorf("where nothing differs it ends with %v", err)
	}
}
