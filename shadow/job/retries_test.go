package job_test

import (
	"path/filepath"
	"testing"

	"parallax/config"
	"parallax/reports/store"
	"parallax/shadow/job"
)

// TestARunCountsRetriesAsTheGateDoes: a run that is repeated until it passes needs a higher
// confidence each time, in its own verdict as in that of the gate.
func TestARunCountsRetriesAsTheGateDoes(t *testing.T) {
	in := newInstalments(t)
	for retries := range 3 {
		in.produce(200)
		r, err := in.run("again", 3, true, func(cfg *config.Job, opt *job.Options) {
			in.stores(cfg, opt)
			cfg.State.Enabled = false // so that each start begins a run
			opt.FromStart, opt.Append = true, true
		})
		if err != nil {
			t.Fatal(err)
		}
		want := 1 - 0.05/float64(retries+1)
		if got := r.Verdict.Confidence; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("after %d runs without a pass the confidence is %v, want %v: %s", retries, got, want, r.Verdict.Reason)
		}
		stored, err := store.OpenReader(filepath.Join(in.dir, "evidence"), "again")
		if err != nil {
			t.Fatal(err)
		}
		s, err := stored.Stretch(store.Query{})
		if err != nil || s.Retries != retries {
			t.Errorf("the gate counts %d, want %d: %v", s.Retries, retries, err)
		}
		if err := stored.Close(); err != nil {
			t.Error(err)
		}
	}
}
