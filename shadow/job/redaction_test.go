package job_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/job"
)

// redacts makes a job redact a column of its output.
func (in *instalments) redacts(name, column string) func(*config.Job, *job.Options) {
	return func(cfg *config.Job, opt *job.Options) {
		in.stores(cfg, opt)
		cfg.Evidence.Redact = []string{name + "." + column}
	}
}

// TestTheRedactionIsPartOfARun: a run goes on over restarts with the same columns and the same
// key. Other columns begin a run, and so does another key, with which equal values have other
// hashes. For the gate the columns alone say whether the evidence is of the job as it is: it may
// read a copy without the key.
func TestTheRedactionIsPartOfARun(t *testing.T) {
	in := newInstalments(t)
	runs := func(want int, change func(*config.Job, *job.Options)) *job.Result {
		t.Helper()
		in.produce(200)
		r, err := in.run("hidden", 3, false, change)
		if err != nil {
			t.Fatal(err)
		}
		s, list := in.stretch("hidden")
		if len(list) != want {
			t.Errorf("%d runs, want %d", len(list), want)
		}
		current := s.Identity
		current.Redaction = s.Identity.RedactedColumns()
		e := gate.OfStretch(s, nil, s.Last)
		e.Current = &current
		if v := gate.Decide(gate.Policy{}, e); strings.Contains(v.Reason, "another run") {
			t.Error(v.Reason)
		}
		return r
	}
	runs(1, in.stores)
	runs(2, in.redacts("hidden", "SYMBOL"))
	runs(2, in.redacts("hidden", "symbol"))
	runs(3, in.redacts("hidden", "TRADER_ID"))
	key := store.KeyPath(filepath.Join(in.dir, "evidence"), "hidden")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	runs(4, in.redacts("hidden", "TRADER_ID"))

	// A key that cannot be read keeps no job from running.
	if err := os.WriteFile(key, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	runs(5, func(cfg *config.Job, opt *job.Options) {
		in.redacts("hidden", "TRADER_ID")(cfg, opt)
		opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	if !strings.Contains(log.String(), "its evidence begins a run") {
		t.Error(log.String())
	}
	if _, err := in.run("hidden", 3, false, in.redacts("hidden", "NOTHING")); err == nil || !strings.Contains(err.Error(), `evidence.redact: "hidden.NOTHING" is not a column`) {
		t.Errorf("a column that does not exist: %v", err)
	}
}
