package reports

import (
	"fmt"
	"strings"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// sensitivity says which differences were injected into the comparison, and whether it
// detected them.
func (t *text) sensitivity(s evidence.Sensitivity) {
	var injected, detected int64
	var kinds int
	var absent, missed []string
	for _, m := range s.Mutations {
		injected, detected = injected+m.Injected, detected+m.Detected
		switch {
		case m.Injected == 0:
			absent = append(absent, m.Name)
			continue
		case m.Detected < m.Injected:
			missed = append(missed, fmt.Sprintf("%s: %s missed (%s)", m.Name, gate.Thousands(m.Injected-m.Detected), m.Missed))
		}
		kinds++
	}
	if injected == 0 {
		return
	}
	notes := fmt.Sprintf("of %s injected differences detected, %d kinds", gate.Thousands(injected), kinds)
	if len(absent) > 0 {
		notes += "; no row for: " + strings.Join(absent, ", ")
	}
	t.wrapped(fmt.Sprintf("sensitivity   %14s  ", gate.Thousands(detected)), notes)
	for _, text := range missed {
		t.wrapped("  missed        ", text)
	}
}
