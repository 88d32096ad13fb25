package reports

import (
	"fmt"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// states says at how many checkpoints the states were compared.
func (t *text) states(c evidence.StateComparisons) {
	compared := c.Equal + c.Differing
	if compared+c.NotCompared == 0 {
		t.wrapped(fmt.Sprintf("states compared %12s  ", "none"), c.Why)
		return
	}
	notes := fmt.Sprintf("checkpoints, %s equal", gate.Thousands(c.Equal))
	if c.NotCompared > 0 {
		notes += fmt.Sprintf(", %s more not compared", gate.Thousands(c.NotCompared))
	}
	if c.Why != "" {
		notes += ": " + c.Why
	}
	t.wrapped(fmt.Sprintf("states compared %12s  ", gate.Thousands(compared)), notes)
}

// state shows where states differ.
func (t *text) state(s *diff.StateDifference) {
	what := fmt.Sprintf("of %s after %s records", s.Stage, gate.Thousands(s.Position))
	if s.Entries > 0 {
		what += fmt.Sprintf(": %s entries that only one side has", gate.Thousands(s.Entries))
	}
	t.line("    state       %s", what)
	if s.Why != "" {
		t.wrapped("    no keys     ", s.Why)
	}
	for _, k := range s.Keys {
		t.wrapped("    key         ", k.Key)
		t.wrapped("      V1        ", k.V1)
		t.wrapped("      V2        ", k.V2)
	}
}
