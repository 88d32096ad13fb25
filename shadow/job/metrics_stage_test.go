package job

import (
	"testing"
	"time"

	"parallax/shadow/stage"
)

func TestStageMetricsAreThoseOfTheStatus(t *testing.T) {
	s := stage.Status{
		Stage: stage.Stage{Kind: stage.Canary, Percent: 2.5}, Since: time.Unix(1700000000, 0), Strikes: 3, IsHeld: true,
		Emission: stage.Emission{RowsOfV2: 12, Fallbacks: 4, WaitP50: time.Millisecond, WaitP99: 2 * time.Second},
	}
	want := map[string]float64{
		"parallax_stage": 1, "parallax_stage_v2_percent": 2.5, "parallax_stage_since_timestamp_seconds": 1700000000,
		"parallax_fallbacks_total": 4, "parallax_v2_emitted_rows_total": 12, "parallax_emit_wait_p50_seconds": 0.001,
		"parallax_emit_wait_p99_seconds": 2, "parallax_stage_strikes": 3, "parallax_stage_held": 1,
	}
	for _, m := range stageMetrics {
		if have := m.of(s); have != want[m.doc.Name] {
			t.Errorf("%s is %v, want %v", m.doc.Name, have, want[m.doc.Name])
		}
		delete(want, m.doc.Name)
	}
	for name := range want {
		t.Errorf("there is no %s", name)
	}
	for text, percent := range map[string]float64{"shadow": 0, "canary:99.5": 99.5, "promoted": 100, "done": 100} {
		if s, err := stage.Parse(text); err != nil || percentOfV2(s) != percent {
			t.Errorf("in %s %v %% of the keys are V2's, %v; want %v", text, percentOfV2(s), err, percent)
		}
	}
}
