package exec_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"parallax/processors/exec"
	"parallax/processors/row"
)

func TestAnEngineStopsWhenItIsInterrupted(t *testing.T) {
	for shows, query := range map[string]string{
		"by chunks":        `SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES;`,
		"record by record": `SELECT symbol, COUNT(*) AS n FROM trades WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND) GROUP BY symbol EMIT CHANGES;`,
		"as time passes":   `SELECT symbol, COUNT(*) AS n FROM trades WINDOW SESSION (1 SECOND) GROUP BY symbol EMIT FINAL;`,
	} {
		t.Run(shows, func(t *testing.T) {
			p := compile(t, trades+query)
			b := read(t, p, lines(t, `100 {"symbol":"A"}`, `90000 {"symbol":"B"}`), 10, false)[0]
			done := make(chan struct{})
			out := &exec.Result{Dispositions: make([]row.Disposition, b.Len()), Done: done}
			e := engine(t, p, exec.Options{})
			if !e.RunAll(b, out) || slices.Contains(out.Dispositions, row.DispositionNone) {
				t.Errorf("without an interrupt it is whole: %v", out.Dispositions)
			}
			close(done)
			out.Reset(make([]row.Disposition, b.Len()))
			out.Done = done
			if e.RunAll(b, out) || len(out.Changes) != 0 {
				t.Errorf("it went on: %v", show(out.Changes))
			}
		})
	}
}

// TestTimesBeyondTheRangeEnd gives engines records that no decoder lets through: the
// arithmetic neither wraps nor loops.
func TestTimesBeyondTheRangeEnd(t *testing.T) {
	times := []int64{math.MinInt64, -1, 0, 999, row.MaxEventTime, math.MaxInt64 - 3000, math.MaxInt64 - 1, math.MaxInt64}
	for _, window := range []string{
		"TUMBLING (SIZE 1 SECOND)", "TUMBLING (SIZE 2000000000 DAYS, GRACE PERIOD 26687997791 DAYS)",
		"HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 SECOND)", "HOPPING (SIZE 1000 MILLISECONDS, ADVANCE BY 1 MILLISECOND, GRACE PERIOD 1 SECOND)",
		"HOPPING (SIZE 26687997791 DAYS, ADVANCE BY 26687997790 DAYS, GRACE PERIOD 26687997791 DAYS)",
		"SESSION (1 SECOND)", "SESSION (26687997791 DAYS, GRACE PERIOD 26687997791 DAYS)",
	} {
		t.Run(window, func(t *testing.T) {
			p := compile(t, trades+`SELECT symbol, COUNT(*) AS n FROM trades WINDOW `+window+` GROUP BY symbol EMIT CHANGES;`)
			for _, watermark := range []int64{row.NoWatermark, 0, row.MaxEventTime, math.MaxInt64 - 1} {
				for _, at := range times {
					b := read(t, p, lines(t, `0 {"symbol":"A"}`), 1, false)[0]
					rec := *b.Record(0)
					rec.EventTime, rec.Watermark = at, watermark
					out := &exec.Result{Dispositions: make([]row.Disposition, 1)}
					engine(t, p, exec.Options{}).RunAll(row.NewBatch(0, 0, []row.Record{rec}, []*row.Table{b.Table(0)}), out)
					for _, c := range out.Changes {
						if c.WindowEnd < c.WindowStart {
							t.Errorf("%d at watermark %d is in %s", at, watermark, fmt.Sprint(c.WindowStart, " to ", c.WindowEnd))
						}
					}
				}
			}
		})
	}
}
