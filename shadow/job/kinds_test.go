package job_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/config"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow/job"
)

// kind is a kind of job that is stopped, crashes and continues.
type kind struct {
	name, sql string
	change    func(*config.Job)
	// fault is what is wrong with V2 in the first two processes, "" for nothing.
	fault string
	// letters are the dead letters that there must be.
	letters int
	// writesNothing: it has emit: false.
	writesNothing bool
}

const measured = `CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='s', value_format='JSON');
`

const counted = measured + `CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n, SUM(10 / x) AS y FROM s WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT CHANGES;`

var kinds = []kind{
	{name: "windows", sql: counted},
	{name: "no state", sql: measured + `CREATE STREAM o WITH (kafka_topic='o') AS SELECT k, x + 1 AS y FROM s;`},
	{name: "a chain", sql: measured + `CREATE STREAM m WITH (kafka_topic='m') AS SELECT k, x FROM s WHERE x > 0;
CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n FROM m GROUP BY k EMIT CHANGES;`},
	{name: "a stream joined with itself", sql: measured + `CREATE STREAM o WITH (kafka_topic='o') AS SELECT a.k AS k, a.x AS x, b.x AS y FROM s a LEFT JOIN s b WITHIN 3 SECONDS GRACE PERIOD 1 SECOND ON a.k = b.k;`},
	{name: "LIMIT", sql: measured + `CREATE STREAM o WITH (kafka_topic='o') AS SELECT k, x FROM s LIMIT 25;`},
	{name: "late: dlq", sql: counted, change: func(c *config.Job) { c.Late = "dlq" }, letters: 15},
	{name: "on_error: dlq", sql: counted, change: func(c *config.Job) { c.OnError = "dlq" }, letters: 15},
	{name: "split.percent", sql: counted, change: func(c *config.Job) { c.Split.Percent = 50 }},
	{name: "split.percent of a join", sql: measured + `CREATE STREAM o WITH (kafka_topic='o') AS SELECT a.k AS k, a.x AS x, b.x AS y FROM s a LEFT JOIN s b WITHIN 3 SECONDS GRACE PERIOD 1 SECOND ON a.k = b.k;`, change: func(c *config.Job) { c.Split.Percent = 50 }},
	{name: "split.percent of a chain", sql: measured + `CREATE TABLE m WITH (kafka_topic='m') AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;
CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, SUM(n) AS y FROM m GROUP BY k EMIT CHANGES;`, change: func(c *config.Job) { c.Split.Percent = 50 }},
	{name: "V2 off", sql: counted, change: func(c *config.Job) { c.Processors.V2 = processors.Config{Architecture: processors.ArchitectureOff} }},
	{name: "V2 detached at the stop", sql: counted, fault: "panic@5"},
	{name: "V2 hung at the stop", sql: counted, fault: "hang@5"},
	{name: "emit: false", sql: counted, change: func(c *config.Job) { c.Emit = false }, writesNothing: true},
}

// TestJobsOfEachKindWriteEachRowAndDeadLetterOnce over a clean stop, a stop in the middle, and a
// start with an older state directory.
func TestJobsOfEachKindWriteEachRowAndDeadLetterOnce(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var whole, parts []string
			synctest.Test(t, func(t *testing.T) { whole = k.run(t, 1) })
			synctest.Test(t, func(t *testing.T) { parts = k.run(t, 4) })
			if d := processortest.DiffLines(strings.Join(whole, "\n"), strings.Join(parts, "\n")); d != "" {
				t.Errorf("written in parts, compared with one run (- wanted, + came):\n%s", d)
			}
			letters := 0
			for _, line := range whole {
				if strings.HasPrefix(line, "s.dlq") {
					letters++
				}
			}
			if (len(whole) == 0) != k.writesNothing || letters != k.letters {
				t.Errorf("%d rows, %d of them dead letters, want %d", len(whole), letters, k.letters)
			}
		})
	}
}

// run runs a job of a kind in a number of processes and returns what it wrote.
func (k kind) run(t *testing.T, processes int) []string {
	base := config.Default()
	base.Name, base.SQL, base.Kafka.Group, base.Kafka.Batch, base.Commit.MaxRecords = "job", k.sql, "group", 3, 7
	base.V2.Memory, base.State.Dir, base.State.Interval = 64<<20, stateDir(t), time.Hour
	if k.change != nil {
		k.change(&base)
	}
	j := newJourney(t, base, map[string]int32{"s": 1})
	var all []row.Record
	for i := range 60 {
		at := int64(1_000_000 + 1_000*i)
		if i%4 == 3 {
			at -= 30_000 // late
		}
		all = append(all, row.Record{
			TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: at,
			Key: fmt.Appendf(nil, "k%d", i%5), Value: fmt.Appendf(nil, `{"x":%d}`, i%4),
		})
	}
	older := stateDir(t)
	size := len(all) / processes
	for n := range processes {
		j.produce(all[n*size : (n+1)*size])
		ctx, stop := context.WithCancel(t.Context())
		if n == 1 {
			j.wire.after(30, stop)
		}
		r, err := j.run(ctx, func(cfg *config.Job, opt *job.Options) {
			if cfg.Processors.V2.Architecture != processors.ArchitectureOff {
				cfg.Processors.V2.Partitions = []int{2, 1, 7, 3}[n]
			}
			opt.Flush = n == processes-1
			if k.fault != "" && n < 2 {
				opt.BuildV2 = k.broken(t)
			}
		})
		stop()
		j.wire.mend()
		if err != nil && n != 1 {
			t.Fatalf("process %d: %v\n%s", n, err, j.log.String())
		}
		if r != nil && (k.fault == "" || n >= 2) && (r.Evidence.Diff.Root != 0 || r.Evidence.Ledger.Gap != 0) {
			t.Errorf("process %d: %d divergences, ledger %+v", n, r.Evidence.Diff.Root, r.Evidence.Ledger)
		}
		switch n {
		case 0:
			replace(t, older, j.base.State.Dir)
		case 2:
			if manifests, _ := filepath.Glob(filepath.Join(older, "job", "all", "*.json")); len(manifests) > 0 {
				replace(t, j.base.State.Dir, older)
			}
		}
	}
	return j.written()
}

// broken builds V2 with the kind's fault.
func (k kind) broken(t *testing.T) job.BuildV2 {
	f, err := faults.Parse(k.fault)
	if err != nil {
		t.Fatal(err)
	}
	return func(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
		v2.Partitions = 3
		made, err := f.New(v2, p, opt)
		if hung, ok := made.(*faults.Hung); ok {
			t.Cleanup(func() {
				hung.Release()
				time.Sleep(time.Minute) // of the bubble, until V2 has ended
			})
		}
		return made, err
	}
}

// replace makes a directory a copy of another one.
func replace(t *testing.T, to, from string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
