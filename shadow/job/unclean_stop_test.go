package job_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/config"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/shadow/job"
)

// TestAProcessThatDidNotStopCleanlyIsNotContinuedWithoutOffsets: its last checkpoint is one of a clean stop, and what it
// committed since is not known. A flushed run crashes after its commit, before its checkpoints are deleted.
func TestAProcessThatDidNotStopCleanlyIsNotContinuedWithoutOffsets(t *testing.T) {
	for _, isFlushed := range []bool{false, true} {
		t.Run(map[bool]string{false: "a crash", true: "a crash after the flush"}[isFlushed], func(t *testing.T) {
			in := newInstalments(t)
			in.produce(400)
			in.mustRun("crashed", 2, false)
			in.produce(300)
			state, crashed := filepath.Join(in.dir, "state"), filepath.Join(t.TempDir(), "crashed")
			_, err := in.run("crashed", 2, isFlushed, func(_ *config.Job, opt *job.Options) {
				opt.BuildV2 = func(v2 processors.Config, p *plan.Plan, o processors.Options) (processors.Processor, error) {
					// What the process has on its disk while it runs.
					if err := os.CopyFS(crashed, os.DirFS(state)); err != nil {
						t.Error(err)
					}
					return factory.New(v2, p, o)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			rows := len(in.rows("crashed"))
			if err := os.RemoveAll(state); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(crashed, state); err != nil {
				t.Fatal(err)
			}
			if _, err := kadm.NewClient(in.client).DeleteGroup(t.Context(), "crashed"); err != nil {
				t.Fatal(err)
			}
			if _, err := in.run("crashed", 2, true, nil); err == nil || !strings.Contains(err.Error(), "did not stop cleanly after checkpoint") {
				t.Errorf("the error is %v, want a refusal", err)
			}
			if got := len(in.rows("crashed")); got != rows {
				t.Errorf("%d rows, want %d", got, rows)
			}
		})
	}
}
