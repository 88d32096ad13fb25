package bench

import (
	"testing"
	"time"

	"parallax/shadow/workload"
)

// TestEachStageEmitsTheSameRows: what is measured is a canary and a promoted V2, and not V1
// three times.
func TestEachStageEmitsTheSameRows(t *testing.T) {
	s, err := lookup(sideBySideScenario)
	if err != nil {
		t.Fatal(err)
	}
	q, err := newQuery(s.sql)
	if err != nil {
		t.Fatal(err)
	}
	m := &sideBySide{q: q, s: s, in: NewInput(s.data, workload.Options{Records: 20_000, Seed: 1})}
	for _, mode := range []stageMode{{name: "paced", load: 0.5, lasts: 50 * time.Millisecond}, {name: "full", lasts: 50 * time.Millisecond}} {
		t.Run(mode.name, func(t *testing.T) {
			list, err := measureStages(t.Context(), m, mode, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 3 || list[0].Stage != "shadow" || list[1].Stage != "canary:25" || list[2].Stage != "promoted" {
				t.Fatalf("%+v", list)
			}
			for i, c := range list {
				if c.Rows != list[0].Rows || c.Rows == 0 || c.Checksum != list[0].Checksum || c.Records < 2*sideBySideBatch {
					t.Errorf("%s: %d rows of %d records, %s", c.Stage, c.Rows, c.Records, c.Checksum)
				}
				if isVerified := i > 0; isVerified != (c.WaitP50.Min > 0) || isVerified != (c.RowsOfV2 > 0) {
					t.Errorf("%s: rows waited %v, and %d were of V2", c.Stage, c.WaitP50, c.RowsOfV2)
				}
				if c.RecordsPerSecond.Min <= 0 || c.P50.Min <= 0 || c.P99.Min < c.P50.Min {
					t.Errorf("%s: %+v", c.Stage, c)
				}
			}
			if n := list[1].RowsOfV2; n >= list[2].RowsOfV2 {
				t.Errorf("V2's rows are %d in the canary, and %d in promoted", n, list[2].RowsOfV2)
			}
		})
	}
}
