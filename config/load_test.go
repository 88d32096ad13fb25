package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/checkpoint"
)

// minimal is the smallest valid job file.
const minimal = `job: j
kafka: {brokers: [localhost:9092], group: g}
sql: SELECT 1 FROM t;
`

func load(t *testing.T, text string) (*config.Loaded, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("job.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load("job.yaml", nil)
}

func TestAJobFileSaysWhatItSays(t *testing.T) {
	l, err := load(t, `job: trades
kafka: {brokers: [a:1, b:2], group: g, batch: 500, idle: 7s, hold: 1MiB, max_future: 2h, start: 2024-01-02T03:04:05Z}
sql: SELECT 1 FROM t;
processors: {v1: " V1 ", v2: V2:8:affinity}
v1: {own_core: true}
v2: {deadline: 3s, memory: 2GiB, on_overload: block, partitioning_strategy: always_hash, isolated: true, backpressure: {queue_threshold: 500, throttle: {max_delay_ms: 50}}}
diff:
  require_level: E1
  rules:
    - {topic: out, column: total, ulp: 8, owner: us, reason: sums, expires: 2026-12-31, max_rate: 0.5}
    - {column: timestamp, time: 5ms, owner: us, reason: clocks, expires: "2026-12-31", max_rate: 0.01}
gate: {max_tolerated: 0.2, min_records: 7, min_event_time: 90s, max_slowdown: 0.1}
commit: {interval: 50ms}
on_error: dlq
late: dlq
emit: false
`)
	if err != nil {
		t.Fatal(err)
	}
	j := l.Job
	switch {
	case len(j.Kafka.Brokers) != 2 || j.Kafka.Batch != 500 || j.Kafka.Idle != 7*time.Second || j.Kafka.Hold != 1<<20:
		t.Errorf("kafka: %+v", j.Kafka)
	case j.Processors.V2.String() != "v2:8:affinity" || j.Processors.V1.String() != "v1":
		t.Errorf("processors: %+v", j.Processors)
	case !j.V1.OwnCore:
		t.Errorf("v1: %+v", j.V1)
	case j.V2.Deadline != 3*time.Second || j.V2.Memory != 2<<30 || j.V2.OnOverload != candidate.Block || j.V2.ShedAfter != time.Second:
		t.Errorf("v2: %+v", j.V2)
	case j.Diff.RequireLevel != diff.E1 || j.Gate.MinRecords != 7 || j.Gate.MinKeys != 1000 || j.Gate.MinUnits != 3000 || j.Gate.MinPartitions != 2 || j.Gate.MaxLate != 0.05 || j.Commit.MaxRecords != 100_000:
		t.Errorf("diff %+v, gate %+v, commit %+v", j.Diff, j.Gate, j.Commit)
	case len(j.Diff.Rules) != 2 || j.Gate.MaxTolerated != 0.2 ||
		j.Diff.Rules[0] != diff.Rule{Topic: "out", Column: "total", ULP: 8, Owner: "us", Reason: "sums", Expires: "2026-12-31", MaxRate: 0.5} ||
		j.Diff.Rules[1].Time != 5*time.Millisecond || j.Diff.Rules[1].Expires != "2026-12-31":
		t.Errorf("rules: %+v", j.Diff.Rules)
	case !j.V2.Isolated || j.V2.Backpressure != candidate.Backpressure{
		Enabled: true, QueueThreshold: 500, LatencyThresholdMS: 100,
		Throttle: candidate.Throttle{MinDelayUS: 100, MaxDelayMS: 50, BackoffMultiplier: 2},
	}:
		t.Errorf("v2: %+v", j.V2)
	case j.Gate.MaxSlowdown == nil || *j.Gate.MaxSlowdown != 0.1:
		t.Errorf("gate: %+v", j.Gate)
	case j.Emit || j.OnError != "dlq" || j.Late != "dlq":
		t.Errorf("emit %v, on_error %s, late %s", j.Emit, j.OnError, j.Late)
	}
}

// The default level is the level of the example, which states it.
func TestTheExampleRequiresTheDefaultLevel(t *testing.T) {
	example, err := config.Load(filepath.Join("..", "examples", "market.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	silent, err := load(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := example.Job.Diff.RequireLevel, silent.Job.Diff.RequireLevel; got != want || want != diff.E3 {
		t.Errorf("examples/market.yaml requires %s, and a job file that names no level %s; want E3 of both", got, want)
	}
}

func TestV2Off(t *testing.T) {
	for _, off := range []string{"off", `"off"`, "false"} {
		l, err := load(t, minimal+"processors: {v2: "+off+"}\n")
		if err != nil || l.Job.Processors.V2.Architecture != processors.ArchitectureOff {
			t.Errorf("v2: %s: %v", off, err)
		}
	}
}

func TestWhatIsWrongIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "job.yaml: the file is empty"},
		{"cut short", "job: [a", "job.yaml:1: not valid YAML: a list that begins with [ has no ] at its end"},
		{"not a mapping", "- a", "not a job file"},
		{"unknown key", minimal + "spilt: {percent: 3}\n", "job.yaml:4:1: unknown key spilt; did you mean split?"},
		{"unknown inner key", minimal + "v2:\n  dead_line: 3s\n", "job.yaml:5:3: unknown key v2.dead_line; did you mean v2.deadline?"},
		{"twice", minimal + "job: k\n", "job.yaml:4:1: key job is given twice"},
		{"bad duration", minimal + "v2: {deadline: soon}\n", "job.yaml:4:16: v2.deadline: "},
		{"bad size", minimal + "v2: {memory: 3 XiB}\n", "job.yaml:4:14: v2.memory: "},
		{"bad level", minimal + "diff: {require_level: E9}\n", "job.yaml:4:23: diff.require_level: "},
		{"bad processor", minimal + "processors: {v2: v2foo}\n", "v2foo"},
		{"oracle as V1", minimal + "processors: {v1: oracle}\n", "job.yaml:4:14: processors.v1: oracle cannot be the authoritative path"},
		{"two partition counts", minimal + "processors: {v2: \"v2:4\"}\nv2: {num_partitions: 8}\n", "job.yaml:5:6: v2.num_partitions: 8, and processors.v2 says v2:4"},
		{"no sql", "job: j\nkafka: {brokers: [a:1], group: g}\n", "one of sql and sql_file"},
		{"no brokers", "job: j\nkafka: {group: g}\nsql: x\n", "job.yaml:2:1: kafka.brokers"},
		{"no threshold", minimal + "v2:\n  backpressure: {queue_threshold: 0}\n", "job.yaml:5:18: v2.backpressure.queue_threshold: 0 must be greater than 0"},
		{"no slowdown", minimal + "gate: {max_slowdown: 1.5}\n", "job.yaml:4:8: gate.max_slowdown: 1.5"},
		{"no keys", minimal + "split: {percent: 0}\n", "job.yaml:4:9: split.percent: 0 must be greater than 0"},
		{"too many keys", minimal + "split: {percent: 101}\n", "job.yaml:4:9: split.percent: 101 must be greater than 0 and at most 100"},
		{"no time to come back", minimal + "v2: {reseed_after: 0s}\n", "job.yaml:4:6: v2.reseed_after: 0s must be greater than 0"},
		{"coming back too late", minimal + "v2: {reseed_after: 2m}\n", "v2.reseed_max: 1m0s must not be shorter than v2.reseed_after (2m0s)"},
		{"no V2 may be abandoned", minimal + "v2: {max_abandoned: 0}\n", "job.yaml:4:6: v2.max_abandoned: 0 must be greater than 0"},
		{"not yet: scope", minimal + "scope: partition\n", "job.yaml:4:1: scope: partition is not supported yet"},
		{"a rule with an unknown key", minimal + "diff: {rules: [{colum: a}]}\n", "job.yaml:4:17: unknown key diff.rules[0].colum; did you mean column?"},
		{"a rule that nobody answers for", minimal + "diff: {rules: [{column: a, ulp: 4, reason: x, expires: 2026-12-31, max_rate: 0.1}]}\n", "job.yaml:4:8: diff.rules: rule 1: owner"},
		{"seeds' mode", minimal + "job_server: {v2: {processing_mode: individual}}\n", "is not supported: records are processed in batches"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := load(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAValueHasTheTypeOfItsKey(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"commit: {interval: 5}", "job.yaml:4:20: commit.interval: 5 has no unit; write 5ms, 5s, 5m or 5h"},
		{"commit:\n  interval: soon", `job.yaml:5:13: commit.interval: invalid duration "soon"; write a number and a unit, such as 500ms`},
		{"v2: {memory: 1000}", "job.yaml:4:14: v2.memory: 1000 has no unit; write 1000MiB or 1000GiB"},
		{"v2: {memory: 1 XiB}", `v2.memory: invalid size "1 XiB"; write a number and a unit, such as 64MiB`},
		{"v2: {memory: -1MiB}", `v2.memory: invalid size "-1MiB"`},
		{"v2: {memory: 9999999999TiB}", "v2.memory: size 9999999999TiB is too large"},
		{"gate: {min_records: 64MiB}", `job.yaml:4:21: gate.min_records: "64MiB" is not a whole number`},
		{"gate: {min_records: true}", `gate.min_records: "true" is not a whole number`},
		{"gate: {min_records: 1.5}", `gate.min_records: "1.5" is not a whole number`},
		{"gate: {min_records: 99999999999999999999}", `gate.min_records: `},
		{"gate: {confidence: high}", `gate.confidence: "high" is not a number`},
		{"gate: {confidence: .nan}", `gate.confidence: ".nan" is not a number`},
		{"emit: 1", `job.yaml:4:7: emit: "1" must be true or false`},
		{"emit: yes please", `emit: "yes please" must be true or false`},
		{"emit:", "job.yaml:4:6: emit: has no value"},
		{"emit: [true]", "emit: must be one value"},
		{"gate: 5", "job.yaml:4:7: gate: must be a mapping of keys"},
		{"dead_letter: 7", `dead_letter: 7 is not text; put it into quotes: "7"`},
		{"diff: {rules: 7}", "diff.rules: must be a list"},
		{"diff: {rules: [{column: a, ulp: x}]}", `job.yaml:4:33: diff.rules[0].ulp: "x" is not a number`},
		{"diff: {rules: [{column: a, time: 5}]}", `diff.rules[0].time: 5 has no unit`},
		{"diff: {require_level: E9}", "job.yaml:4:23: diff.require_level: "},
		{"---\njob: k", "job.yaml:4:1: a second YAML document begins here; a job file must be one document"},
		{"state: {dir: ''}", "job.yaml:4:9: state.dir: it is empty; name a directory, or write state: off"},
		{"state: {interval: 0s}", "job.yaml:4:9: state.interval: 0s must be greater than 0"},
		{"state: {interval: 5}", "job.yaml:4:19: state.interval: 5 has no unit"},
		{"state: {keep: 0}", "job.yaml:4:9: state.keep: 0 must be at least 1"},
		{"state: {rate: 5}", "job.yaml:4:15: state.rate: 5 has no unit"},
		{"evidence: {dir: ''}", "job.yaml:4:12: evidence.dir: it is empty; name a directory, or write evidence: off"},
		{"evidence: {keep: soon}", "job.yaml:4:18: evidence.keep: invalid period \"soon\"; write a number of days, such as 90d"},
		{"evidence: {keep: 0d}", "job.yaml:4:12: evidence.keep: 0s must be greater than 0"},
		{"evidence: {max_size: 5KiB}", "job.yaml:4:12: evidence.max_size: 5120 must be at least 1MiB"},
		{"evidence: {enabled: false, keep: 3d}", "evidence.keep: has no effect, because evidence is off; remove it"},
		{"state: on", "job.yaml:4:8: state: must be a mapping of keys"},
		{"state: {enabled: false, keep: 3}", "job.yaml:4:25: state.keep: has no effect, because state is off; remove it"},
		{"reports: {schedule: nightly}", "job.yaml:4:11: reports.schedule: \"nightly\" is not a schedule"},
		{"job_server:\n  max_jobs: 100", "job.yaml:5:3: job_server.max_jobs: this version does not limit the number of jobs"},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := load(t, minimal+c.text+"\n")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v\nwant %s", err, c.want)
			}
			for _, foreign := range []string{"strconv", "time: invalid", "time: missing", "mapstructure", "decoding failed", "cannot parse"} {
				if strings.Contains(err.Error(), foreign) {
					t.Errorf("the error has a text of a library: %v", err)
				}
			}
		})
	}
}

func TestAnEnvironmentVariableHasTheTypeOfItsKey(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"PARALLAX_KAFKA__BATCH", "x", `environment variable PARALLAX_KAFKA__BATCH: kafka.batch: "x" is not a whole number`},
		{"PARALLAX_KAFKA__IDLE", "5", `environment variable PARALLAX_KAFKA__IDLE: kafka.idle: 5 has no unit`},
		{"PARALLAX_V2__MEMORY", "5", `v2.memory: 5 has no unit`},
		{"PARALLAX_EMIT", "2", `emit: "2" must be true or false`},
		{"PARALLAX_GATE", "5", `gate has keys of its own and can only be set in the job file`},
		{"PARALLAX_DIFF__RULES", "[]", `diff.rules has keys of its own`},
		{"PARALLAX_GATE__MAX_SLOWDOWN", "a", `gate.max_slowdown: "a" is not a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(c.name, c.value)
			if _, err := load(t, minimal); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v\nwant %s", err, c.want)
			}
		})
	}
	t.Setenv("PARALLAX_JOB", "17")
	t.Setenv("PARALLAX_PROCESSORS__V2", "off")
	t.Setenv("PARALLAX_EMIT", "false")
	t.Setenv("PARALLAX_GATE__MAX_SLOWDOWN", "0.2_5")
	t.Setenv("PARALLAX_GATE__MIN_RECORDS", "1_0")
	t.Setenv("PARALLAX_COMMIT__MAX_RECORDS", "0o17")
	l, err := load(t, minimal)
	if err != nil {
		t.Fatal(err)
	}
	if j := l.Job; j.Name != "17" || j.Emit || j.Processors.V2.Architecture != processors.ArchitectureOff || *j.Gate.MaxSlowdown != 0.25 || j.Gate.MinRecords != 10 || j.Commit.MaxRecords != 15 {
		t.Errorf("%+v", j)
	}
}

func TestTheEnvironmentOverridesTheFileAndFlagsTheEnvironment(t *testing.T) {
	t.Setenv("PARALLAX_KAFKA__BROKERS", "x:1,y:2")
	t.Setenv("PARALLAX_KAFKA__BATCH", "77")
	t.Setenv("PARALLAX_V2__MEMORY", "5MiB")
	path := filepath.Join(t.TempDir(), "job.yaml")
	if err := os.WriteFile(path, []byte(minimal), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(path, map[string]any{"kafka.batch": 99})
	if err != nil {
		t.Fatal(err)
	}
	if k := l.Job.Kafka; strings.Join(k.Brokers, " ") != "x:1 y:2" || k.Batch != 99 || l.Job.V2.Memory != 5<<20 {
		t.Errorf("%+v, memory %d", k, l.Job.V2.Memory)
	}
	sources := map[string]string{}
	for _, v := range l.Effective() {
		sources[v.Key] = v.Source
	}
	for key, want := range map[string]string{
		"kafka.brokers": "PARALLAX_KAFKA__BROKERS", "kafka.batch": "flag", "kafka.idle": "default", "job": path + ":1",
	} {
		if sources[key] != want {
			t.Errorf("%s comes from %q, want %q", key, sources[key], want)
		}
	}
	t.Setenv("PARALLAX_KAFKA__BACH", "1")
	if _, err := config.Load(path, nil); err == nil || !strings.Contains(err.Error(), "did you mean PARALLAX_KAFKA__BATCH") {
		t.Errorf("%v", err)
	}
}

func TestTheSeedsOwnFormIsUnderstood(t *testing.T) {
	l, err := load(t, minimal+`job_server:
  processor_architecture: v2
  v2: {num_partitions: 8, processing_mode: batch, batch_size: 500, enable_core_affinity: false, backpressure: {enabled: true, queue_threshold: 1000, latency_threshold_ms: 100}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if l.Job.Processors.V2.String() != "v2:8" || l.Job.Kafka.Batch != 500 || l.Job.V2.Backpressure.QueueThreshold != 1000 || l.Job.V2.Backpressure.Throttle.MinDelayUS != 100 {
		t.Errorf("%+v", l.Job)
	}
}

// TestStateIsOffOrWhatItsKeysSay: off is a word of YAML's for false, or a text.
func TestStateIsOffOrWhatItsKeysSay(t *testing.T) {
	for text, want := range map[string]checkpoint.Config{
		"":          checkpoint.DefaultConfig(),
		"state: {}": checkpoint.DefaultConfig(),
		"state: {dir: s, interval: 5s, keep: 3, rate: 1MiB}": {Enabled: true, Dir: "s", Interval: 5 * time.Second, Keep: 3, Rate: 1 << 20},
	} {
		l, err := load(t, minimal+text+"\n")
		if err != nil || l.Job.State != want {
			t.Errorf("%q: %v, %+v, want %+v", text, err, l.Job.State, want)
		}
	}
	for _, text := range []string{"state: off", "state: false", "state: 'off'", "state: {enabled: false}"} {
		l, err := load(t, minimal+text+"\n")
		if err != nil || l.Job.State.Enabled || l.Job.State.Dir != "./state" {
			t.Errorf("%q: %v, %+v", text, err, l.Job.State)
			continue
		}
		if origin := l.Origin["state.enabled"]; !strings.HasSuffix(origin, "job.yaml:4") {
			t.Errorf("%q is from %q", text, origin)
		}
	}
}

func TestTheStateDirectoryIsBesideTheJobFile(t *testing.T) {
	for dir, want := range map[string]string{"./state": "/jobs/state", "../state": "/state", "/var/state": "/var/state"} {
		l, err := config.Parse("/jobs/job.yaml", []byte(minimal+"state: {dir: "+dir+"}\n"), nil)
		if err != nil || l.StateDir() != want {
			t.Errorf("%s: %v, %s, want %s", dir, err, l.StateDir(), want)
		}
	}
}
