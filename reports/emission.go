package reports

import (
	"fmt"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// Emission says how the rows of verified stages, a canary and promoted, went out.
type Emission struct {
	// RowsOfV2 are rows that were emitted with V2's values, Fallbacks the episodes in which V1's rows
	// were emitted because V2 was late.
	RowsOfV2  int64 `json:"v2_rows"`
	Fallbacks int64 `json:"fallbacks"`
	// WaitP50 and WaitP99 are how long a batch waited for V2 after V1 had finished.
	WaitP50 evidence.Duration `json:"wait_p50_ms"`
	WaitP99 evidence.Duration `json:"wait_p99_ms"`
}

func emissionOf(e *evidence.Emission) *Emission {
	if e == nil {
		return nil
	}
	return &Emission{
		RowsOfV2: e.RowsOfV2, Fallbacks: e.Fallbacks, WaitP50: evidence.Duration(e.Waits.Quantile(0.5)), WaitP99: evidence.Duration(e.Waits.Quantile(0.99)),
	}
}

// Text says it in one sentence, "" for none.
func (e *Emission) Text() string {
	if e == nil {
		return ""
	}
	rounded := func(d evidence.Duration) time.Duration { return d.Std().Round(10 * time.Microsecond) }
	text := fmt.Sprintf("%s rows with V2's values, after waiting for V2 for %v (median) and %v (99 %%)", gate.Thousands(e.RowsOfV2), rounded(e.WaitP50), rounded(e.WaitP99))
	if e.Fallbacks > 0 {
		text += fmt.Sprintf("; V1's rows went out %s times because V2 was late", gate.Thousands(e.Fallbacks))
	}
	return text
}

// emission says how the rows of verified stages went out, and what V1's state is of.
func (t *text) emission(s *Summary) {
	if text := s.Emission.Text(); text != "" {
		t.wrapped("emitted          ", text)
	}
	if text := s.witness(); text != "" {
		t.wrapped("V1               ", text)
	}
}

// witness says that V1 is no witness of what was before, "" where it is.
func (s *Summary) witness() string {
	if s.V1HasV2State == nil {
		return ""
	}
	return fmt.Sprintf("has V2's state since %s UTC, when the job went back from done: it is no witness of what was before", s.V1HasV2State.UTC().Format(time.DateTime))
}

// EmissionFacts are these sentences with their names, for reports.
func (s *Summary) EmissionFacts() (list [][2]string) {
	if text := s.Emission.Text(); text != "" {
		list = append(list, [2]string{"emitted", text})
	}
	if text := s.witness(); text != "" {
		list = append(list, [2]string{"V1", text})
	}
	return list
}
