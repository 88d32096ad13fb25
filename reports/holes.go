package reports

import (
	"fmt"

	"parallax/reports/gate"
)

// Hole is a stretch of the input without a V2. ToBatch is the first batch that
// the next V2 got, null where none came.
type Hole struct {
	FromBatch int64         `json:"from_batch"`
	ToBatch   *int64        `json:"to_batch"`
	Records   int64         `json:"records"` // that were not compared
	Shed      bool          `json:"shed"`
	Reason    string        `json:"reason"`
	Offsets   []OffsetRange `json:"offsets"`
}

// OffsetRange is from From to To, both included.
type OffsetRange struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
}

// mostHoles is how many holes the text shows; the JSON has more.
const mostHoles = 5

func (t *text) holes(s Summary) {
	if s.V2.HoleCount == 0 {
		return
	}
	t.line("")
	t.line("holes         %14s  in which V2 was away; it came back %s", gate.Thousands(s.V2.HoleCount), times(s.V2.Reseeds))
	for i, h := range s.V2.Holes {
		if i == mostHoles {
			t.line("  ... and %s more", gate.Thousands(s.V2.HoleCount-mostHoles))
			break
		}
		why := "failed"
		if h.Shed {
			why = "shed"
		}
		back := "and did not come back"
		if h.ToBatch != nil {
			back = fmt.Sprintf("re-seeded at batch %d", *h.ToBatch)
		}
		t.line("  V2 was detached at batch %d (%s), %s: %s records not compared", h.FromBatch, why, back, gate.Thousands(h.Records))
		t.wrapped("    ", h.Reason)
	}
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return gate.Thousands(n) + " times"
}
