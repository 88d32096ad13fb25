package shadow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/row"
	"parallax/shadow/stage"
)

// hidesErrors is a Redaction of texts only.
type hidesErrors struct{ salting }

func (hidesErrors) ReplaceError(string) string { return "(redacted)" }

// TestNoTextOfV2IsInAChangeOfStage: a V2 that fails in a verified stage, with a text that has a value,
// sends the job back. The journal, the report and the log show neither the text nor, of a panic, more
// than where it was.
func TestNoTextOfV2IsInAChangeOfStage(t *testing.T) {
	for name, fails := range map[string]func() error{
		"an error": func() error { return errors.New("no account s3cret") },
		"a panic":  func() error { panic("no account s3cret") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v2 := whenBatch(20, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { return nil, fails() })
				in := newInput(40)
				in.pause = 10 * time.Millisecond
				out := &stageOutput{}
				cfg := config()
				cfg.Candidate.Reseed = false
				j := job(in, nil, &path{}, v2, cfg)
				j.Output, j.Stage.Stage, j.Redaction = out, promoted, hidesErrors{}
				var log bytes.Buffer
				j.Log = slog.New(slog.NewTextHandler(&log, nil))
				rep := begin(t, j)
				text, err := json.Marshal(rep.end(t))
				if err != nil {
					t.Fatal(err)
				}
				if len(out.changes) != 1 || out.changes[0].Cause != stage.Detached || out.changes[0].Why != "V2 was detached: (redacted)" {
					t.Errorf("the changes are %+v", out.changes)
				}
				all := string(text) + log.String()
				if strings.Contains(all, "s3cret") || !strings.Contains(all, "(redacted)") {
					t.Errorf("shown: %s", all)
				}
				if hasStack := strings.Contains(log.String(), "redacted_stage_test.go:"); hasStack != (name == "a panic") {
					t.Errorf("the log has the stack: %v\n%s", hasStack, log.String())
				}
			})
		})
	}
}
