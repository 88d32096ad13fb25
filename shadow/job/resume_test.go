package job_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/processors/row"
	"parallax/shadow/embedded"
	"parallax/shadow/job"
	"parallax/shadow/workload"
)

// instalments is a job whose input comes, and is processed, in parts.
type instalments struct {
	t      *testing.T
	broker *embedded.Broker
	client *kgo.Client
	stream interface{ Next() (row.Record, bool) }
	dir    string
	sql    string
	log    bytes.Buffer
	// late is that the records of partition 2 come with the next part; held are those.
	late bool
	held []*kgo.Record
}

func newInstalments(t *testing.T) *instalments {
	t.Helper()
	return newInstalmentsOf(t, "3b")
}

// newInstalmentsOf is newInstalments with another scenario. A job's output topic has the job's
// name if the scenario has one output.
func newInstalmentsOf(t *testing.T, id string) *instalments {
	t.Helper()
	return newPartitionedInstalments(t, id, 1)
}

// newPartitionedInstalments is newInstalmentsOf with a number of partitions for each topic.
func newPartitionedInstalments(t *testing.T, id string, partitions int32) *instalments {
	t.Helper()
	broker, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Stop)
	scenario, err := workload.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range scenario.Topics {
		if err := broker.CreateTopic(t.Context(), topic, partitions, embedded.Retention{}); err != nil {
			t.Fatal(err)
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &instalments{
		t: t, broker: broker, client: client, dir: t.TempDir(), sql: scenario.SQL,
		stream: scenario.Generate(workload.Options{Records: 1 << 20, Seed: 7, Partitions: int(partitions)}),
	}
}

// produce adds records to the input.
func (in *instalments) produce(n int) {
	in.t.Helper()
	records := in.held
	in.held = nil
	for range n {
		rec, ok := in.stream.Next()
		if !ok {
			in.t.Fatal("the scenario has no more records")
		}
		r := &kgo.Record{Topic: rec.Topic, Partition: rec.Partition, Value: rec.Value}
		if in.late && r.Partition == 2 {
			in.held = append(in.held, r)
		} else {
			records = append(records, r)
		}
	}
	if err := in.client.ProduceSync(in.t.Context(), records...).FirstErr(); err != nil {
		in.t.Fatal(err)
	}
}

// run runs the job of a name to the end of the input as it is.
func (in *instalments) run(name string, partitions int, flush bool, change func(*config.Job, *job.Options)) (*job.Result, error) {
	in.t.Helper()
	cfg := config.Default()
	in.fill(&cfg, name, partitions)
	in.log.Reset()
	opt := job.Options{UntilEnd: true, Flush: flush, Log: slog.New(slog.NewTextHandler(&in.log, nil))}
	if change != nil {
		change(&cfg, &opt)
	}
	l, err := config.Of("the test", cfg)
	if err != nil {
		in.t.Fatal(err)
	}
	j, err := job.Load(l, opt)
	if err != nil {
		return nil, err
	}
	return j.Run(in.t.Context())
}

// fill makes a configuration that of the job of a name.
func (in *instalments) fill(cfg *config.Job, name string, partitions int) {
	cfg.Name, cfg.SQL, cfg.Processors.V2.Partitions = name, strings.ReplaceAll(in.sql, "'by-trader-symbol'", "'"+name+"'"), partitions
	cfg.Kafka.Brokers, cfg.Kafka.Group, cfg.Kafka.Batch = in.broker.Addrs(), name, 100
	cfg.State.Dir, cfg.State.Interval = filepath.Join(in.dir, "state"), time.Hour
}

// mustRun is run without an error, and with no divergence.
func (in *instalments) mustRun(name string, partitions int, flush bool) *job.Result {
	in.t.Helper()
	r, err := in.run(name, partitions, flush, nil)
	if err != nil {
		in.t.Fatalf("%s with %d partitions: %v\n%s", name, partitions, err, in.log.String())
	}
	if e := r.Evidence; e.Diff.Root != 0 || e.Ledger.Gap != 0 || e.Ledger.Pending != 0 || e.Detached != "" {
		in.t.Errorf("%s with %d partitions: %d divergences, ledger %+v, detached: %s", name, partitions, e.Diff.Root, e.Ledger, e.Detached)
	}
	if s := r.Evidence.States; s.Differing != 0 || s.NotCompared != 0 || s.Equal == 0 && !flush {
		in.t.Errorf("%s with %d partitions: states compared: %+v", name, partitions, s)
	}
	return r
}

// rows reads what committed of an output topic, in order.
func (in *instalments) rows(topic string) (rows []string) {
	in.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(in.broker.Addrs()...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		in.t.Fatal(err)
	}
	defer client.Close()
	ends := map[int32]int64{}
	at := map[int32]int64{}
	listed, err := kadm.NewClient(in.client).ListEndOffsets(in.t.Context(), topic)
	if err != nil {
		in.t.Fatal(err)
	}
	listed.Each(func(o kadm.ListedOffset) { ends[o.Partition] = o.Offset })
	for {
		missing := false
		for p, end := range ends {
			missing = missing || at[p] < end
		}
		if !missing {
			slices.Sort(rows) // partitions come in no order
			return rows
		}
		client.PollFetches(in.t.Context()).EachRecord(func(r *kgo.Record) {
			at[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				rows = append(rows, fmt.Sprintf("%d %s %s %d", r.Partition, r.Key, r.Value, r.Timestamp.UnixMilli()))
			}
		})
	}
}

func (in *instalments) compare(got, want string) {
	in.t.Helper()
	g, w := in.rows(got), in.rows(want)
	if !slices.Equal(g, w) || len(w) == 0 {
		in.t.Errorf("%d rows in %s, and they are not the %d of the unbroken run", len(g), got, len(w))
	}
}

// TestAJobThatIsRunInPartsWritesWhatOneRunWrites: after a clean stop nothing is replayed, and
// the number of V2's partitions is free to change.
func TestAJobThatIsRunInPartsWritesWhatOneRunWrites(t *testing.T) {
	in := newInstalments(t)
	for i, partitions := range []int{2, 1, 7, 3} {
		in.produce(700 + 111*i)
		r := in.mustRun("parts", partitions, i == 3)
		if got, want := r.Evidence.Ledger.Records(), int64(700+111*i); got != want {
			t.Errorf("part %d has %d records, want %d", i, got, want)
		}
		if strings.Contains(in.log.String(), "replays") {
			t.Errorf("part %d replays after a clean stop:\n%s", i, in.log.String())
		}
	}
	in.mustRun("whole", 2, true)
	in.compare("parts", "whole")

	if _, err := in.run("parts", 2, false, nil); err == nil || !strings.Contains(err.Error(), "group parts is finished") {
		t.Errorf("after the flush: %v", err)
	}
}

// TestAfterACrashTheInputSinceTheCheckpointIsReplayed takes the newest checkpoint away, as if the
// process had ended between the commit and the checkpoint.
func TestAfterACrashTheInputSinceTheCheckpointIsReplayed(t *testing.T) {
	in := newInstalments(t)
	state, old := filepath.Join(in.dir, "state"), filepath.Join(in.dir, "old")
	in.produce(1_000)
	in.mustRun("crashed", 2, false)
	replace(t, old, state)
	in.produce(1_234)
	in.mustRun("crashed", 3, false)
	replace(t, state, old)
	in.produce(555)
	r := in.mustRun("crashed", 2, true)
	if got := r.Evidence.Ledger.Records(); got != 555 {
		t.Errorf("%d records are in the ledger, want the 555 that were new", got)
	}
	if log := in.log.String(); !strings.Contains(log, "the job replays what was processed after the checkpoint") || !strings.Contains(log, "records=1234") {
		t.Errorf("the log does not say that 1,234 records are replayed:\n%s", log)
	}
	in.mustRun("whole", 2, true)
	in.compare("crashed", "whole")
}

// TestWhatSeveralRunsProcessedIsReplayedInTheirOrder crashes a job after several runs to the end of the
// input, as it was each time. Later parts of the input have records that are older than those of earlier
// ones in other topic-partitions, so their order does not follow from the records.
func TestWhatSeveralRunsProcessedIsReplayedInTheirOrder(t *testing.T) {
	in := newPartitionedInstalments(t, "3b", 3)
	in.late = true
	state, old := filepath.Join(in.dir, "state"), filepath.Join(in.dir, "old")
	both := func(n int, flush bool) {
		t.Helper()
		in.produce(n)
		in.mustRun("steady", 2, flush)
		in.mustRun("crashed", 2, flush)
	}
	both(1_000, false)
	replace(t, old, filepath.Join(state, "crashed"))
	both(701, false)
	both(603, false)
	replace(t, filepath.Join(state, "crashed"), old)
	both(500, true)
	if log := in.log.String(); !strings.Contains(log, "records=1436") {
		t.Errorf("the log does not say that 1,436 records are replayed:\n%s", log)
	}
	in.compare("crashed", "steady")
}

// TestADamagedCheckpointIsPassedOver, and the one before it is used.
func TestADamagedCheckpointIsPassedOver(t *testing.T) {
	in := newInstalments(t)
	in.produce(1_000)
	in.mustRun("damaged", 2, false)
	in.produce(500)
	in.mustRun("damaged", 2, false)
	files, err := filepath.Glob(filepath.Join(in.dir, "state", "damaged", "all", "*.zst"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	slices.Sort(files)
	newest := files[len(files)-1]
	text, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(newest, text, 0o600); err != nil {
		t.Fatal(err)
	}
	in.produce(500)
	in.mustRun("damaged", 2, true)
	if log := in.log.String(); !strings.Contains(log, "a checkpoint is damaged") || !strings.Contains(log, filepath.Base(newest)) || !strings.Contains(log, "records=500") {
		t.Errorf("the log does not name %s, or does not say that 500 records are replayed:\n%s", newest, log)
	}
	in.mustRun("whole", 2, true)
	in.compare("damaged", "whole")
}

// TestWhatIsRefusedToContinue, with what the error says.
func TestWhatIsRefusedToContinue(t *testing.T) {
	in := newInstalments(t)
	in.produce(300)
	in.mustRun("refused", 2, false)
	in.produce(10)
	state := filepath.Join(in.dir, "state")
	for _, c := range []struct {
		name   string
		change func(*config.Job, *job.Options)
		want   []string
	}{
		{"another query", func(cfg *config.Job, _ *job.Options) {
			cfg.SQL = strings.Replace(cfg.SQL, "1 MINUTE", "2 MINUTES", 1)
		}, []string{"was written for another query or other settings", "the window differs", "--from-start"}},
		{"another setting", func(cfg *config.Job, _ *job.Options) { cfg.Late = "dlq" }, []string{"setting late: the value differs"}},
		{"state off", func(cfg *config.Job, o *job.Options) { cfg.State.Enabled, o.Flush = false, true }, []string{"state that was lost", "--from-start"}},
		{"no checkpoints", func(cfg *config.Job, _ *job.Options) { cfg.State.Dir = t.TempDir() }, []string{"there are no checkpoints", "copy the job's state directory", "--from-start"}},
		{"a file for a directory", func(cfg *config.Job, _ *job.Options) {
			cfg.State.Dir = filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(cfg.State.Dir, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"state directory", "not a directory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := in.run("refused", 2, false, c.change)
			if err == nil {
				t.Fatal("it was not refused")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
		})
	}
	if _, err := os.Stat(state); err != nil {
		t.Fatal(err)
	}
	in.mustRun("refused", 5, true) // none of them has changed anything
	in.mustRun("whole", 2, true)
	in.compare("refused", "whole")
}

// TestWithoutOffsetsOnlyTheNewestStateIsContinued: the group's offsets are gone, as they are when
// they expire, so only the newest checkpoint can say what was written.
func TestWithoutOffsetsOnlyTheNewestStateIsContinued(t *testing.T) {
	forget := func(in *instalments, group string) {
		if _, err := kadm.NewClient(in.client).DeleteGroup(in.t.Context(), group); err != nil {
			in.t.Fatal(err)
		}
	}
	t.Run("a clean stop", func(t *testing.T) {
		in := newInstalments(t)
		in.produce(400)
		in.mustRun("expired", 2, false)
		forget(in, "expired")
		in.produce(300)
		in.mustRun("expired", 3, true)
		in.mustRun("whole", 2, true)
		in.compare("expired", "whole")
	})
	t.Run("a flush leaves none", func(t *testing.T) {
		in := newInstalments(t)
		in.produce(400)
		in.mustRun("flushed", 2, false)
		in.produce(300)
		in.mustRun("flushed", 2, true)
		if files, err := filepath.Glob(filepath.Join(in.dir, "state", "flushed", "all", "*.json")); err != nil || len(files) > 0 {
			t.Errorf("checkpoints are left: %v, %v", files, err)
		}
		forget(in, "flushed")
		if _, err := in.run("flushed", 2, false, nil); err == nil || !strings.Contains(err.Error(), "is not empty") {
			t.Errorf("the error is %v, want a refusal because the output has rows", err)
		}
	})
	t.Run("the newest is damaged", func(t *testing.T) {
		in := newInstalments(t)
		for range 2 {
			in.produce(300)
			in.mustRun("damaged", 2, false)
		}
		files, err := filepath.Glob(filepath.Join(in.dir, "state", "damaged", "all", "*.zst"))
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		slices.Sort(files)
		if err := os.Truncate(files[len(files)-1], 7); err != nil {
			t.Fatal(err)
		}
		forget(in, "damaged")
		if _, err := in.run("damaged", 2, false, nil); err == nil || !strings.Contains(err.Error(), "the newest checkpoint is damaged") {
			t.Errorf("the error is %v, want a refusal", err)
		}
	})
	t.Run("the newest has no manifest that can be read", func(t *testing.T) {
		in := newInstalments(t)
		for range 2 {
			in.produce(300)
			in.mustRun("unreadable", 2, false)
		}
		files, err := filepath.Glob(filepath.Join(in.dir, "state", "unreadable", "all", "*.json"))
		if err != nil || len(files) < 2 {
			t.Fatal(files, err)
		}
		slices.Sort(files)
		if err := os.Truncate(files[len(files)-1], 0); err != nil {
			t.Fatal(err)
		}
		forget(in, "unreadable")
		if _, err := in.run("unreadable", 2, false, nil); err == nil || !strings.Contains(err.Error(), "the newest checkpoint is damaged") {
			t.Errorf("the error is %v, want a refusal", err)
		}
	})
	t.Run("another group", func(t *testing.T) {
		in := newInstalments(t)
		in.produce(300)
		in.mustRun("grouped", 2, false)
		_, err := in.run("grouped", 2, false, func(cfg *config.Job, _ *job.Options) { cfg.Kafka.Group = "other" })
		if err == nil || !strings.Contains(err.Error(), "setting kafka.group: the value differs") {
			t.Errorf("the error is %v, want a refusal that names the group", err)
		}
	})
}
