package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/shadow/codec"
	"parallax/shadow/job"
	"parallax/shadow/workload"
)

// place gives a test's topics and groups names of its own, so that tests can
// share a broker.
func place(t *testing.T) string {
	h := fnv.New32a()
	fmt.Fprint(h, t.Name(), time.Now().UnixNano())
	return fmt.Sprintf("t%08x", h.Sum32())
}

// marketSQL is the scenario's script over topics of the test's own.
func marketSQL(t *testing.T, name string) string {
	s, err := workload.Lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("'market_data'", "'"+name+"-in'", "'by-trader-symbol'", "'"+name+"-out'").Replace(s.SQL)
}

// parallax runs the program.
func parallax(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// kept is an output record as it was read back.
type kept struct {
	key, value string
	null       bool
	timestamp  int64
}

// runToTheEnd writes a job file, runs it up to the end of its input with --flush, and
// returns its exit code and summary, and what it wrote to standard error.
func runToTheEnd(t *testing.T, job string) (code int, s reports.Summary, errs string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "job.yaml")
	if err := os.WriteFile(path, []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := parallax(t, "--json", "run", path, "--until-end", "--flush")
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
	}
	return code, s, errs
}

// readBack reads what is committed in a topic, by partition.
func readBack(t *testing.T, seeds []string, topic string) map[int32][]kept {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	// A broker may not know a topic yet that another one, or its controller, has just
	// created: then the answer has errors instead of offsets.
	ends, err := kadm.NewClient(client).ListEndOffsets(t.Context(), topic)
	for err == nil && (ends.Error() != nil || len(ends[topic]) == 0) && t.Context().Err() == nil {
		ends, err = kadm.NewClient(client).ListEndOffsets(t.Context(), topic)
	}
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	out := map[int32][]kept{}
	for len(left) > 0 {
		fetches := client.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				out[r.Partition] = append(out[r.Partition], kept{string(r.Key), string(r.Value), r.Value == nil, r.Timestamp.UnixMilli()})
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	return out
}

// keepAll creates an output topic that keeps every row: one that parallax makes
// for a table is compacted, and the broker may do that before it is read back.
func keepAll(t *testing.T, seeds []string, topic string, partitions int32) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	configs := map[string]*string{"cleanup.policy": kadm.StringPtr("delete"), "retention.ms": kadm.StringPtr("-1")}
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), partitions, -1, configs, topic); err != nil {
		t.Fatal(err)
	}
}

func sameOutput(t *testing.T, got, want map[int32][]kept) {
	t.Helper()
	for at := range maps.Keys(want) {
		for i := range min(len(got[at]), len(want[at])) {
			if got[at][i] != want[at][i] {
				t.Fatalf("partition %d, row %d:\n got %+v\nwant %+v", at, i, got[at][i], want[at][i])
			}
		}
		if len(got[at]) != len(want[at]) {
			t.Fatalf("partition %d has %d rows, want %d", at, len(got[at]), len(want[at]))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d partitions have rows, want %d", len(got), len(want))
	}
}

// TestAJobOverATopicGivesTheOraclesAnswer is the product end to end, clean and
// over records that are messy and cut short. E2E_RECORDS makes it
// larger.
func TestAJobOverATopicGivesTheOraclesAnswer(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		for _, c := range []struct {
			name       string
			messy, bad float64
		}{{"clean", 0, 0}, {"messy", 5, 0.1}} {
			t.Run(c.name, func(t *testing.T) {
				const partitions = 6
				records := 12_000
				if n := os.Getenv("E2E_RECORDS"); n != "" {
					var err error
					if records, err = strconv.Atoi(n); err != nil {
						t.Fatal(err)
					}
				}
				name := place(t)
				path := filepath.Join(t.TempDir(), "job.yaml")
				sql := marketSQL(t, name)
				text := fmt.Sprintf("job: %s\nkafka: {brokers: [%q], group: %s}\nsql: |\n  %s\nprocessors: {v2: \"v2:3\"}\ndiff: {require_level: E1}\ngate: {min_records: 1000, min_keys: 1000, min_units: 1000, max_probability: 0.01, min_event_time: 0s}\n",
					name, seeds[0], name, strings.ReplaceAll(sql, "\n", "\n  "))
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				form := []string{"--records", fmt.Sprint(records), "--seed", "7", "--messy", fmt.Sprint(c.messy), "--bad", fmt.Sprint(c.bad), "--partitions", fmt.Sprint(partitions)}
				if code, _, errs := parallax(t, append([]string{"generate", "--brokers", seeds[0], "--topic", name + "-in"}, form...)...); code != 0 {
					t.Fatalf("generate: exit %d: %s", code, errs)
				}
				keepAll(t, seeds, name+"-out", partitions)
				code, out, errs := parallax(t, "--json", "run", path, "--until-end", "--flush")
				var s reports.Summary
				if err := json.Unmarshal([]byte(out), &s); err != nil {
					t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
				}
				if code != 0 || s.Verdict != "pass" || s.LevelHeld != diff.E1 {
					t.Fatalf("exit %d: %s", code, out)
				}
				// What the run stored is worth what it said.
				if code, out, errs := parallax(t, "gate", path); code != 0 {
					t.Errorf("gate on the stored evidence: exit %d: %s%s", code, out, errs)
				}
				if p := s.Throughput; p.Decoded == 0 || p.Encoded == 0 || p.Contended.Value == 0 ||
					p.V1.FetchToDone.P50 < p.V1.Service.P50 || p.V2.FetchToDone.P50 <= 0 {
					t.Errorf("throughput: %+v", p)
				}
				p, err := plan.Compile(sql, plan.BuildOptions{})
				if err != nil {
					t.Fatal(err)
				}
				scenario, _ := workload.Lookup("3b")
				var list []row.Record
				g := scenario.Generate(workload.Options{Records: records, Seed: 7, Messy: c.messy, Bad: c.bad, Partitions: partitions})
				for rec, ok := g.Next(); ok; rec, ok = g.Next() {
					rec.Topic = name + "-in"
					list = append(list, rec)
				}
				all, undecodable := truth(t, p, list, codec.DecodeOptions{MaxFuture: time.Hour}, partitions)
				want := all[name+"-out"]
				if (undecodable > 0) != (c.bad > 0) {
					t.Fatalf("%d undecodable records, bad is %v %%", undecodable, c.bad)
				}
				if l := s.Ledger; l.Undecodable != int64(undecodable) || l.Records() != int64(records) || l.Gap != 0 || l.Pending != 0 {
					t.Errorf("ledger %+v, want %d undecodable of %d", l, undecodable, records)
				}
				sameOutput(t, readBack(t, seeds, name+"-out"), want)
				if c.bad > 0 {
					letters := 0
					for _, rows := range readBack(t, seeds, name+"-in.dlq") {
						letters += len(rows)
					}
					if letters != undecodable {
						t.Errorf("%d dead letters, want %d", letters, undecodable)
					}
				}
			})
		}
	})
}

// TestAV2ThatWasShedIsBackAndEqualFromThenOn runs the demo with a V2 that cannot
// keep up, or allocates without bound, for some of the records.
func TestAV2ThatWasShedIsBackAndEqualFromThenOn(t *testing.T) {
	for fault, reason := range map[string]string{"slow@1-50000": "queue", "memory@1-50000": "v2.memory"} {
		t.Run(fault, func(t *testing.T) {
			code, out, errs := parallax(t, "--json", "demo", "--fault", fault)
			var s reports.Summary
			if err := json.Unmarshal([]byte(out), &s); err != nil {
				t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
			}
			if code != exitInconclusive || s.Divergences.Root+s.Divergences.Cascade != 0 || s.LevelHeld != diff.E1 {
				t.Errorf("exit %d, held %s, %+v: %s", code, s.LevelHeld, s.Divergences, s.Reason)
			}
			l := s.Ledger
			if l.Gap != 0 || l.Pending != 0 || l.Records() != 400_000 || l.Compared+l.Shed+l.V1Error+l.Undecodable != 400_000 || l.Shed == 0 || l.Compared == 0 {
				t.Errorf("ledger %+v", l)
			}
			if s.V2.Reseeds == 0 || len(s.V2.Holes) == 0 || int64(len(s.V2.Holes)) != s.V2.HoleCount {
				t.Fatalf("%d reseeds, %d holes: %+v", s.V2.Reseeds, s.V2.HoleCount, s.V2.Holes)
			}
			missed := int64(0)
			for _, h := range s.V2.Holes {
				missed += h.Records
			}
			if h := s.V2.Holes[0]; missed != l.Shed || !h.Shed || h.To <= h.From || !strings.Contains(h.Reason, reason) || len(h.Offsets) != 3 {
				t.Errorf("%d records in holes, %d shed; the first of %d is %+v", missed, l.Shed, len(s.V2.Holes), h)
			}
		})
	}
}

// made is a job that has no job file.
func made(t *testing.T, cfg config.Job, opt job.Options) *job.Job {
	t.Helper()
	l, err := config.Of(cfg.Name, cfg)
	if err != nil {
		t.Fatal(err)
	}
	j, err := job.Load(l, opt)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestWhateverV2DoesTheTopicsAreTheSame runs one input with V2 well, wrong,
// failing, hung and absent: V1's bytes and the committed offsets are the same.
func TestWhateverV2DoesTheTopicsAreTheSame(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		const records, partitions = 4_000, 3
		source := place(t)
		if code, _, errs := parallax(t, "generate", "--brokers", seeds[0], "--topic", source+"-in", "--records", fmt.Sprint(records), "--bad", "1", "--partitions", fmt.Sprint(partitions)); code != 0 {
			t.Fatalf("generate: %s", errs)
		}
		var want map[int32][]kept
		var wantOffsets map[string]int64
		for _, v2 := range []string{"well", "off", "panic@1500", "hang@1500", "silent", "partition-drop@1000", "split-key", "echo", "slow", "memory"} {
			t.Run(v2, func(t *testing.T) {
				name := place(t)
				keepAll(t, seeds, name+"-out", partitions)
				sql := strings.ReplaceAll(marketSQL(t, name), name+"-in", source+"-in")
				cfg := config.Default()
				cfg.Name, cfg.SQL, cfg.Diff.RequireLevel = name, sql, diff.E1
				cfg.Kafka.Brokers, cfg.Kafka.Group, cfg.Kafka.Batch = seeds, name, 250
				cfg.V2.Deadline = time.Second
				cfg.Processors.V2.Partitions = 3
				opt := job.Options{UntilEnd: true, Flush: true}
				switch v2 {
				case "off":
					cfg.Processors.V2 = processors.Config{Architecture: processors.ArchitectureOff}
				case "well":
				default:
					f, err := faults.Parse(v2)
					if err != nil {
						t.Fatal(err)
					}
					opt.BuildV2 = func(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
						proc, err := f.New(v2, p, opt)
						if hung, ok := proc.(*faults.Hung); ok {
							t.Cleanup(hung.Release)
						}
						return proc, err
					}
				}
				r, err := made(t, cfg, opt).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s := summary(r)
				if s.Ledger.Gap != 0 || s.Ledger.Records() != records {
					t.Errorf("ledger %+v", s.Ledger)
				}
				got, offsets := readBack(t, seeds, name+"-out"), committedOffsets(t, seeds, name)
				if want == nil {
					want, wantOffsets = got, offsets
					if len(got) == 0 || len(offsets) != partitions {
						t.Fatalf("nothing to compare with: %d partitions of output, offsets %v", len(got), offsets)
					}
				}
				sameOutput(t, got, want)
				if !maps.Equal(offsets, wantOffsets) {
					t.Errorf("committed %v, want %v", offsets, wantOffsets)
				}
				verdicts := map[string]string{"well": "inconclusive", "off": "inconclusive", "echo": "inconclusive", "slow": "inconclusive", "memory": "inconclusive"}
				if w := verdicts[v2]; w != "" && s.Verdict != w || w == "" && s.Verdict != "fail" {
					t.Errorf("verdict %s: %s", s.Verdict, s.Reason)
				}
			})
		}
	})
}

func committedOffsets(t *testing.T, seeds []string, group string) map[string]int64 {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	fetched, err := kadm.NewClient(client).FetchOffsets(t.Context(), group)
	if err = errors.Join(err, fetched.Error()); err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	fetched.Each(func(o kadm.OffsetResponse) { out[fmt.Sprintf("%d", o.Partition)] = o.At })
	return out
}

// TestAPercentageOfKeysIsComparedWithWholeState: the rest is emitted, and booked.
func TestAPercentageOfKeysIsComparedWithWholeState(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		name, records := place(t), 12_000
		if code, _, errs := parallax(t, "generate", "--brokers", seeds[0], "--topic", name+"-in", "--records", fmt.Sprint(records), "--partitions", "3"); code != 0 {
			t.Fatalf("generate: %s", errs)
		}
		text := fmt.Sprintf("job: %s\nkafka: {brokers: [%q], group: %s}\nsql: |\n  %s\nprocessors: {v2: \"v2:3\"}\nsplit: {percent: 25}\ndiff: {require_level: E1}\ngate: {min_records: 1000, min_keys: 500, min_units: 500, max_probability: 0.01, min_event_time: 0s}\n",
			name, seeds[0], name, strings.ReplaceAll(marketSQL(t, name), "\n", "\n  "))
		code, s, errs := runToTheEnd(t, text)
		l := s.Ledger
		if code != exitPass || s.LevelHeld != diff.E1 || s.Outputs.V1 != int64(records) || s.Outputs.V2Merged != l.Compared {
			t.Errorf("exit %d: %+v, %s", code, s, errs)
		}
		if l.Compared+l.SampledOut != int64(records) || l.Compared < 2_000 || l.Compared > 4_000 {
			t.Errorf("ledger %+v, want about a quarter of %d", l, records)
		}
		if s.Throughput.Contended.Comparable {
			t.Error("V2 had less to do than V1, so their speeds are not to be compared")
		}
	})
}

// TestAnEmptyTopicIsInconclusive: nothing was shown, so nothing passes.
func TestAnEmptyTopicIsInconclusive(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		name := place(t)
		if code, _, errs := parallax(t, "generate", "--brokers", seeds[0], "--topic", name+"-in", "--records", "0", "--partitions", "2"); code != 0 {
			t.Fatalf("generate: %s", errs)
		}
		path := filepath.Join(t.TempDir(), "job.yaml")
		text := fmt.Sprintf("job: %s\nkafka: {brokers: [%q], group: %s}\nsql: |\n  %s\n", name, seeds[0], name, strings.ReplaceAll(marketSQL(t, name), "\n", "\n  "))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := parallax(t, "run", path, "--until-end", "--flush")
		if code != exitInconclusive || !strings.Contains(out, "no records") {
			t.Errorf("exit %d, want %d\n%s%s", code, exitInconclusive, out, errs)
		}
		// The group is finished now: another run has to say what it wants.
		code, _, errs = parallax(t, "run", path, "--until-end", "--flush")
		if code != exitError || !strings.Contains(errs, "--from-start") {
			t.Errorf("second run: exit %d: %s", code, errs)
		}
		if code, _, errs = parallax(t, "run", path, "--until-end", "--flush", "--from-start"); code != exitInconclusive {
			t.Errorf("from the start: exit %d: %s", code, errs)
		}
	})
}

// emptyRow is a line of an example that has a name and nothing else.
var emptyRow = regexp.MustCompile(`(?m)^    (row of V2|only in V1|only in V2|key|place|cause|error) *$`)

// TestTheDemoShowsEachFaultAsTheCatalogueSays runs the demo for each fault.
func TestTheDemoShowsEachFaultAsTheCatalogueSays(t *testing.T) {
	for _, f := range faults.Catalogue() {
		if f.Name == "hang" {
			continue // it takes the demo's deadline of ten seconds: see TestWhateverV2DoesTheTopicsAreTheSame
		}
		t.Run(f.Name, func(t *testing.T) {
			if !f.Sheds { // those look at the process's heap and at who is faster
				t.Parallel()
			}
			args := []string{"--json", "demo", "--fault", f.Name}
			if f.Records == 0 && f.Scenario == "" {
				args = append(args, "--records", "20000")
			}
			code, out, errs := parallax(t, args...)
			var s reports.Summary
			if err := json.Unmarshal([]byte(out), &s); err != nil {
				t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
			}
			if code != f.Code {
				t.Errorf("exit %d, want %d: %s", code, f.Code, s.Reason)
			}
			if len(f.Classes) > 0 && s.Divergences.ByClass[diff.Class(f.Classes[0])] == 0 {
				t.Errorf("classes %v, want %s", s.Divergences.ByClass, f.Classes[0])
			}
			for c := range s.Divergences.ByClass {
				if !slices.Contains(f.Classes, string(c)) {
					t.Errorf("classes %v, want none but %v", s.Divergences.ByClass, f.Classes)
				}
			}
			named := func(sig diff.Signature) bool {
				return string(sig.Hypothesis) == f.Hypothesis && sig.HypothesisText != ""
			}
			if f.Hypothesis != "" && (len(s.Signatures) == 0 || !named(s.Signatures[0])) {
				t.Errorf("the first signature does not name %s: %+v", f.Hypothesis, s.Signatures)
			}
			if len(f.Classes) > 0 && f.Hypothesis == "" && !slices.Contains(f.Classes, string(s.Signatures[0].Class)) {
				t.Errorf("the first signature is %+v, want one of %v", s.Signatures[0], f.Classes)
			}
			var text strings.Builder
			if err := reports.Text(&text, s); err != nil {
				t.Fatal(err)
			}
			if row := emptyRow.FindString(text.String()); row != "" {
				t.Errorf("an example shows nothing: %q", row)
			}
			if routes := f.Name == "split-key" || f.Name == "over-split" || f.Name == "distinct-split"; routes && strings.Contains(s.V2.Strategy, "always_hash") {
				t.Errorf("the summary says that V2 routes by %s", s.V2.Strategy)
			}
			if f.Holds != "" {
				if held, err := diff.ParseLevel(f.Holds); err != nil || s.LevelHeld != held && s.Outputs.V2Merged > 0 {
					t.Errorf("level held %s, want %s (%v)", s.LevelHeld, f.Holds, err)
				}
			}
		})
	}
	shown := map[string]bool{}
	for _, f := range faults.Catalogue() {
		if shown[f.Scenario] {
			continue
		}
		shown[f.Scenario] = true
		t.Run("none in "+f.Scenario, func(t *testing.T) {
			t.Parallel()
			args := []string{"demo", "--scenario", f.Scenario}
			if f.Scenario == "" {
				args = []string{"demo", "--records", "20000"}
			}
			if code, out, _ := parallax(t, args...); code != exitPass {
				t.Errorf("exit %d\n%s", code, out)
			}
		})
	}
}
