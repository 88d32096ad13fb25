package reports

import (
	"fmt"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// mostHoles is how many holes the text shows; the JSON has more.
const mostHoles = 5

func (t *text) holes(s Summary) {
	if s.V2.HoleCount == 0 {
		return
	}
	t.line("")
	t.line("holes         %14s  in which V2 was not running; it was started again %s", gate.Thousands(s.V2.HoleCount), times(s.V2.Reseeds))
	for i, h := range s.V2.Holes {
		if i == mostHoles {
			t.line("  ... and %s more", gate.Thousands(s.V2.HoleCount-mostHoles))
			break
		}
		why := "failed"
		if h.Shed {
			why = "shed"
		}
		back := "and was not started again"
		if h.To != evidence.NoBatch {
			back = fmt.Sprintf("restarted with V1's state at batch %d", h.To)
		}
		t.line("  V2 was detached at batch %d (%s), %s: %s records not compared", h.From, why, back, gate.Thousands(h.Records))
		t.wrapped("    ", h.Reason)
	}
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return gate.Thousands(n) + " times"
}
