package reports

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// TestWhatVerifiedStagesEmittedIsSaid, and that V1 has V2's state; a run in shadow says neither.
func TestWhatVerifiedStagesEmittedIsSaid(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	e := evidence.Report{Emission: &evidence.Emission{RowsOfV2: 12_345, Fallbacks: 2}, V1HasV2State: &at}
	for range 100 {
		e.Emission.Waits.Add(2e6)
	}
	s := Summarise("j", e, gate.Policy{}, gate.Verdict{})
	line, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(line), `"emission":{"v2_rows":12345,"fallbacks":2,"wait_p50_ms":`) || !strings.Contains(string(line), `"v1_has_v2_state":"2030-01-02T03:04:05Z"`) {
		t.Errorf("%s, %v", line, err)
	}
	facts := s.EmissionFacts()
	if len(facts) != 2 || !strings.Contains(facts[0][1], "12,345 rows with V2's values") || !strings.Contains(facts[0][1], "2 times because V2 was late") || !strings.Contains(facts[1][1], "no witness") {
		t.Errorf("%q", facts)
	}
	if s := Summarise("j", evidence.Report{}, gate.Policy{}, gate.Verdict{}); s.Emission != nil || s.V1HasV2State != nil || len(s.EmissionFacts()) != 0 {
		t.Errorf("in shadow: %+v", s.EmissionFacts())
	}
}
