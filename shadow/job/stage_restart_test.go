package job_test

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/shadow/checkpoint"
	"parallax/shadow/job"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// migrated runs a job with a migration to the end of the input as it is, and returns its log.
func (in *instalments) migrated(name string, first stage.Stage) string {
	in.t.Helper()
	cfg := config.Default()
	cfg.Name, cfg.SQL, cfg.Processors.V2.Partitions = name, strings.ReplaceAll(in.sql, "'by-trader-symbol'", "'"+name+"'"), 2
	cfg.Kafka.Brokers, cfg.Kafka.Group, cfg.Kafka.Batch = in.broker.Addrs(), name, 100
	cfg.State.Dir, cfg.State.Interval = filepath.Join(in.dir, "state"), time.Hour
	cfg.Diff.RequireLevel = diff.E2
	in.log.Reset()
	l, err := config.Of("the test", cfg)
	if err != nil {
		in.t.Fatal(err)
	}
	j, err := job.Load(l, job.Options{UntilEnd: true, Log: slog.New(slog.NewTextHandler(&in.log, nil))})
	if err != nil {
		in.t.Fatal(err)
	}
	m := migration.DefaultConfig()
	m.Stage, m.Salt = first, name
	j.Migration = &job.Migration{Config: m, Canary: migration.DefaultCanary(), V1: "v1", V2: "v2:2"}
	r, err := j.Run(in.t.Context())
	if err != nil {
		in.t.Fatalf("%s: %v\n%s", name, err, in.log.String())
	}
	if e := r.Evidence; e.Diff.Root != 0 || e.Ledger.Gap != 0 || e.Ledger.Pending != 0 || e.Detached != "" {
		in.t.Errorf("%s: %d divergences, ledger %+v, detached: %s", name, e.Diff.Root, e.Ledger, e.Detached)
	}
	return in.log.String()
}

// A job continues in the stage that it was in, whatever the job file says of its first start, and its
// output is that of a job that stays in shadow, each row once.
func TestAJobContinuesInTheStageThatItWasIn(t *testing.T) {
	for _, first := range []stage.Stage{{Kind: stage.Canary, Percent: 50}, {Kind: stage.Promoted}, {Kind: stage.Done}} {
		t.Run(first.String(), func(t *testing.T) {
			in := newInstalments(t)
			in.produce(2000)
			if log := in.migrated("moves", first); !strings.Contains(log, "to="+first.String()) {
				t.Errorf("the first start does not record its stage:\n%s", log)
			}
			in.migrated("stays", stage.Stage{})
			in.produce(2000)
			log := in.migrated("moves", stage.Stage{})
			if strings.Contains(log, "the stage of the migration has changed") {
				t.Errorf("the second start changes the stage:\n%s", log)
			}
			if last := in.stageOf("moves"); last == nil || last.To != first {
				t.Errorf("the last checkpoint has the stage %+v, want %s", last, first)
			}
			in.migrated("stays", stage.Stage{})
			if got, want := in.rows("moves"), in.rows("stays"); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%d rows, want the same %d as in shadow", len(got), len(want))
			}
		})
	}
}

// stageOf returns the last change of stage in the newest checkpoint of a job.
func (in *instalments) stageOf(name string) *stage.Change {
	in.t.Helper()
	list, err := checkpoint.List(checkpoint.ReadDir(checkpoint.TaskPath(filepath.Join(in.dir, "state"), name, "all")))
	if err != nil || len(list) == 0 || list[0].Err != nil {
		in.t.Fatalf("checkpoints %+v: %v", list, err)
	}
	return list[0].Manifest.Stage
}
