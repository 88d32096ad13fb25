package shadow_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/row"
)

// A run of a hundred seconds whose V2 is wrong in one row, and fails later: the log says
// so when it happens, and every 30 s how the run is.
func TestARunSaysWhatV2DoesWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(100)
		in.pause = time.Second
		v2 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			switch o.Batch.Seq {
			case 40, 41: // of one signature
				o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
			case 70:
				return nil, errors.New("out of cheese")
			}
			return o, nil
		}}
		var log bytes.Buffer
		j := job(in, &output{}, &path{}, v2, config())
		j.Config.Candidate.Reseed = false
		j.Log = slog.New(slog.NewTextHandler(&log, nil))
		j.LogDivergences, j.StatusEvery = true, 30*time.Second
		if _, err := run(t, t.Context(), j); err != nil {
			t.Fatal(err)
		}
		var diverged, status []string
		for _, line := range strings.Split(log.String(), "\n") {
			switch {
			case strings.Contains(line, "V2 diverges from V1"):
				diverged = append(diverged, line)
			case strings.Contains(line, "msg=status"):
				status = append(status, line)
			}
		}
		if len(diverged) != 2 {
			t.Fatalf("%d lines about divergences, want one for each of two signatures:\n%s", len(diverged), log.String())
		}
		for _, want := range []string{"signature=", "class=value", `key="K=400"`, "V: V1 400, V2 -1", "cause=in/1@400", "batch=40", "what to do"} {
			if !strings.Contains(diverged[0], want) {
				t.Errorf("no %q in %s", want, diverged[0])
			}
		}
		if !strings.Contains(diverged[1], "class=arm_error") || !strings.Contains(diverged[1], "out of cheese") {
			t.Errorf("%s", diverged[1])
		}
		if len(status) != 3 {
			t.Fatalf("%d status lines in 100 s, want 3:\n%s", len(status), log.String())
		}
		for i, want := range [][]string{
			{"records=", "lag=unknown", `"level held"=E1`, "roots=0", "V2=running"},
			{`"level held"=none`, "roots=2", `"V2 to V1"="not comparable"`, "V2=running"},
			{"roots=3", "detached (failed)", "out of cheese"},
		} {
			for _, part := range want {
				if !strings.Contains(status[i], part) {
					t.Errorf("no %q in %s", part, status[i])
				}
			}
		}
	})
}

func TestARunThatIsNotWatchedSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(100)
		in.pause = time.Second
		v2 := whenBatch(4, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
			return o, nil
		})
		var log bytes.Buffer
		j := job(in, &output{}, &path{}, v2, config())
		j.Log = slog.New(slog.NewTextHandler(&log, nil))
		if _, err := run(t, t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if log.Len() > 0 {
			t.Errorf("it logs\n%s", log.String())
		}
	})
}
