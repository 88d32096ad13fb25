package shadow_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/row"
	"parallax/shadow/evidence"
)

// TestSpansSayWhatVerifiedStagesEmitted: their sum is the run's own count, in a run that begins in
// promoted and ends in shadow.
func TestSpansSayWhatVerifiedStagesEmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(40)
		in.pause = 10 * time.Millisecond
		out := &stageOutput{}
		v2 := whenBatch(20, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			o.Changes[4].Values = []row.Value{row.NewBigint(-1)}
			return o, nil
		})
		j := job(in, nil, &path{}, v2, config())
		j.Output, j.Stage.Stage = out, promoted
		r := &recorder{t: t}
		j.Spans, j.SpanPeriod = r, 50*time.Millisecond
		rep := begin(t, j).end(t)
		if rep.Emission == nil || rep.Emission.RowsOfV2 == 0 || rep.Emission.RowsOfV2 > 360 || rep.Emission.Waits.Count() < 20 {
			t.Fatalf("the run: %+v", rep.Emission)
		}
		var sum evidence.Span
		with, without := 0, 0
		for _, s := range r.spans() {
			if s.Emission == nil {
				without++
			} else {
				with++
			}
			sum.Merge(s)
		}
		if with < 2 || without == 0 {
			t.Errorf("%d spans have rows of V2, %d have none", with, without)
		}
		if got, want := sum.Report(1).Emission, rep.Emission; got == nil || got.RowsOfV2 != want.RowsOfV2 || got.Fallbacks != want.Fallbacks || got.Waits.Count() != want.Waits.Count() {
			t.Errorf("the spans add up to %+v, want %+v", got, want)
		}
	})
}
