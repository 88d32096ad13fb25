// Package config reads job files: YAML, overridden by the environment, overridden by flags.
// The packages that use the settings declare them; this package composes them, and is the
// only one that uses koanf.
//
// Stability: ours.
package config

import (
	"errors"
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/route"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/reports/store"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/checkpoint"
	"parallax/shadow/kafka"
	"parallax/shadow/migration"
)

// Job is a job file.
type Job struct {
	// Name is the job's name, in reports, logs and dead letters.
	Name string `koanf:"job"`
	// Kafka is where the records come from and the rows go to.
	Kafka kafka.Config `koanf:"kafka"`
	// SQL is the script. A job has either sql or sql_file.
	SQL string `koanf:"sql"`
	// SQLFile is the file with the script; its path is relative to the job file.
	SQLFile string `koanf:"sql_file"`
	// Sink is the output of a script that is a bare SELECT.
	Sink Sink `koanf:"sink"`
	// Emit writes the rows and dead letters. If it is false, the job only compares both paths;
	// offsets are committed nevertheless.
	Emit bool `koanf:"emit"`
	// Scope is what one instance processes. The only value is topic: one instance at a time
	// processes all topic-partitions.
	Scope string `koanf:"scope"`
	// Processors are the two implementations.
	Processors Processors `koanf:"processors"`
	// V1 says how the process runs V1.
	V1 shadow.ControlConfig `koanf:"v1"`
	// V2 says how V2 routes, and what happens when it is slow or fails.
	V2 V2 `koanf:"v2"`
	// Split limits the comparison to a part of the keys.
	Split Split `koanf:"split"`
	// Diff says how the rows of V1 and V2 are compared.
	Diff diff.Config `koanf:"diff"`
	// Gate is the policy: what a run must show to pass.
	Gate gate.Policy `koanf:"gate"`
	// Migration says how V2 takes over, step by step. Without this section and canary the job
	// stays in shadow: V1's rows are emitted, and V2's are only compared.
	Migration migration.Config `koanf:"migration"`
	// Canary says how V2's rows are compared before they are emitted.
	Canary migration.Canary `koanf:"canary"`
	// Commit says when a Kafka transaction ends.
	Commit shadow.CommitPolicy `koanf:"commit"`
	// DeadLetter is the topic for dead letters; auto is the source topic's name with .dlq.
	DeadLetter string `koanf:"dead_letter"`
	// OnError says what happens when an expression fails: null writes NULL in its place;
	// dlq makes the record a dead letter.
	OnError string `koanf:"on_error"`
	// State says how checkpoints are written, from which the job goes on after a stop or a
	// crash.
	State checkpoint.Config `koanf:"state"`
	// Evidence says how the evidence of runs is stored, from which verdicts and reports are made.
	Evidence store.Config `koanf:"evidence"`
	// Reports are the reports that a running job makes of its evidence.
	Reports schedule.Config `koanf:"reports"`
	// Late says what happens to a record that is late for every window: drop, or dlq for
	// a dead letter.
	Late string `koanf:"late"`
	// Listen is the address, host:port, that serves the job's page, API, metrics and health
	// checks; if it is empty, there is no server.
	Listen string `koanf:"listen"`

	// JobServer is an alternative to processors and v2, in the form that some job servers
	// use.
	JobServer *JobServer `koanf:"job_server"`
}

// Sink is `sink:`.
type Sink struct {
	// Topic is the output topic.
	Topic string `koanf:"topic"`
}

// Processors are the configuration strings of the two paths.
type Processors struct {
	// V1 is the authoritative path: v1.
	V1 processors.Config `koanf:"v1"`
	// V2 is the path that is compared: v2, v2:8 with eight partitions, v2:8:affinity with
	// each partition tied to a CPU, or off.
	V2 processors.Config `koanf:"v2"`
}

// V2 is `v2:`: what the runner does with the candidate, and how that routes.
type V2 struct {
	candidate.Config `koanf:",squash"`
	// PartitioningStrategy is how records are routed to V2's partitions: auto,
	// always_hash, smart_repartition, sticky_partition, round_robin or fan_in.
	PartitioningStrategy string `koanf:"partitioning_strategy"`
	// ForceStrategy accepts a strategy that splits a query's state, for an experiment.
	// No run with it passes.
	ForceStrategy bool `koanf:"force_strategy"`
	// NumPartitions is the number of V2's partitions, if processors.v2 does not give it.
	NumPartitions *int `koanf:"num_partitions"`
	// EnableCoreAffinity ties each of V2's partitions to a CPU, as affinity in
	// processors.v2 does. Linux only.
	EnableCoreAffinity *bool `koanf:"enable_core_affinity"`
}

// Split is `split:`, which keys are compared: Percent of them, chosen by the hash
// of the key that V2 splits by.
type Split struct {
	// Percent is the percentage of the keys that V2 gets and that are compared, above 0 and
	// at most 100. Below 100 the stages of a chain or a join need one key.
	Percent float64 `koanf:"percent"`
	// By is what the percentage applies to; key is the only value.
	By string `koanf:"by"`
}

// JobServer is the form in which the system that the project grew from is
// configured.
type JobServer struct {
	// Architecture is the mode: v2, or v1 to run V1 alone.
	Architecture string `koanf:"processor_architecture"`
	// V2 configures V2.
	V2 JobServerV2 `koanf:"v2"`
}

// JobServerV2 is `job_server.v2:`.
type JobServerV2 struct {
	// NumPartitions is the same as v2.num_partitions.
	NumPartitions *int `koanf:"num_partitions"`
	// ProcessingMode is batch, the only value.
	ProcessingMode string `koanf:"processing_mode"`
	// BatchSize is the same as kafka.batch.
	BatchSize int `koanf:"batch_size"`
	// EnableCoreAffinity is the same as v2.enable_core_affinity.
	EnableCoreAffinity *bool `koanf:"enable_core_affinity"`
	// Backpressure is the same as v2.backpressure.
	Backpressure candidate.Backpressure `koanf:"backpressure"`
}

// Default returns the defaults of a live run.
func Default() Job {
	return Job{
		Kafka: kafka.DefaultConfig(), Emit: true, Scope: "topic",
		Processors: Processors{V1: processors.Config{Architecture: processors.ArchitectureV1}, V2: processors.Config{Architecture: processors.ArchitectureV2}},
		V2:         V2{Config: candidate.Default(), PartitioningStrategy: "auto"},
		Split:      Split{Percent: 100, By: "key"}, Diff: diff.DefaultConfig(), Gate: gate.DefaultPolicy(),
		Migration: migration.DefaultConfig(), Canary: migration.DefaultCanary(),
		Commit: shadow.DefaultCommit(), State: checkpoint.DefaultConfig(), Evidence: store.DefaultConfig(), Reports: schedule.DefaultConfig(), DeadLetter: "auto", OnError: "null", Late: "drop",
	}
}

// Validate names the key and the value that cannot be run.
func (j *Job) Validate() error {
	switch {
	case j.Name == "":
		return errors.New("job: it is required; write the job's name")
	case (j.SQL == "") == (j.SQLFile == ""):
		return errors.New("sql: set one of sql and sql_file")
	case j.Scope == "partition":
		return errors.New("scope: partition is not supported yet; use topic")
	case j.Scope != "topic":
		return fmt.Errorf("scope: %q must be topic or partition", j.Scope)
	case !(j.Split.Percent > 0 && j.Split.Percent <= 100):
		return fmt.Errorf("split.percent: %v must be greater than 0 and at most 100", j.Split.Percent)
	case j.Split.By != "key":
		return fmt.Errorf("split.by: %q must be key", j.Split.By)
	case j.OnError != "null" && j.OnError != "dlq":
		return fmt.Errorf("on_error: %q must be null or dlq", j.OnError)
	case j.Late != "drop" && j.Late != "dlq":
		return fmt.Errorf("late: %q must be drop or dlq", j.Late)
	case j.Processors.V1.Architecture != processors.ArchitectureV1:
		return fmt.Errorf("processors.v1: %s cannot be the authoritative path; use v1", j.Processors.V1)
	}
	if err := j.checkPartitionKeys(); err != nil {
		return err
	}
	for _, err := range []error{
		j.Kafka.Validate(), j.Commit.Validate(), j.V2.Config.Validate(), j.Diff.Validate(), j.Gate.Validate(), j.State.Validate(), j.Evidence.Validate(), j.Reports.Validate(),
		j.Migration.Validate(), j.Canary.Validate(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPartitionKeys refuses v2.num_partitions and v2.enable_core_affinity if they contradict the
// configuration string.
func (j *Job) checkPartitionKeys() error {
	s := j.Processors.V2
	if n := j.V2.NumPartitions; n != nil && s.Partitions != *n && s.Partitions != 0 {
		return fmt.Errorf("v2.num_partitions: %d, and processors.v2 says %s: remove one of them", *n, s)
	}
	if a := j.V2.EnableCoreAffinity; a != nil && *a != s.Affinity && (s.Affinity || s.Partitions != 0) {
		return fmt.Errorf("v2.enable_core_affinity: %v, and processors.v2 says %s: remove one of them", *a, s)
	}
	return nil
}

// applyOtherKeys applies settings of other keys to the processors, after everything is read. isSet
// reports whether a key was set.
func (j *Job) applyOtherKeys(isSet func(key string) bool) error {
	if js := j.JobServer; js != nil {
		if err := j.adoptJobServer(js, isSet); err != nil {
			return err
		}
	}
	if err := j.checkPartitionKeys(); err != nil {
		return err
	}
	p := &j.Processors.V2
	if n := j.V2.NumPartitions; n != nil && p.Partitions == 0 {
		p.Partitions = *n
	}
	if a := j.V2.EnableCoreAffinity; a != nil {
		p.Affinity = p.Affinity || *a
	}
	strategy, err := route.ParseStrategy(j.V2.PartitioningStrategy)
	if err != nil {
		return fmt.Errorf("v2.partitioning_strategy: %w", err)
	}
	p.Strategy, p.ForceStrategy = strategy, j.V2.ForceStrategy
	return nil
}

// adoptJobServer copies the settings of job_server to the keys that they replace.
func (j *Job) adoptJobServer(js *JobServer, isSet func(key string) bool) error {
	switch strings.ToLower(js.Architecture) {
	case "v1":
		j.Processors.V2 = processors.Config{Architecture: processors.ArchitectureOff}
	case "v2", "":
	default:
		return fmt.Errorf("job_server.processor_architecture: %q must be v1 or v2", js.Architecture)
	}
	if mode := js.V2.ProcessingMode; mode != "" && mode != "batch" {
		return fmt.Errorf("job_server.v2.processing_mode: %q is not supported: records are processed in batches; remove it", mode)
	}
	switch n := js.V2.BatchSize; {
	case n < 0:
		return fmt.Errorf("job_server.v2.batch_size: %d: must be greater than 0", n)
	case n > 0:
		j.Kafka.Batch = n
	}
	if n := js.V2.NumPartitions; n != nil {
		j.V2.NumPartitions = n
	}
	if a := js.V2.EnableCoreAffinity; a != nil {
		j.V2.EnableCoreAffinity = a
	}
	if b := js.V2.Backpressure; b != (candidate.Backpressure{}) || isSet("job_server.v2.backpressure.enabled") {
		if b.Throttle == (candidate.Throttle{}) && !isSet("job_server.v2.backpressure.throttle") {
			b.Throttle = j.V2.Backpressure.Throttle
		}
		j.V2.Backpressure = withDefaults(b, isSet)
	}
	return nil
}

// withDefaults is job_server.v2.backpressure with the defaults of v2.backpressure for what
// it does not set.
func withDefaults(b candidate.Backpressure, isSet func(key string) bool) candidate.Backpressure {
	d, t := candidate.DefaultBackpressure(), &b.Throttle
	for _, f := range []struct {
		key   string
		value *int
		or    int
	}{
		{"queue_threshold", &b.QueueThreshold, d.QueueThreshold},
		{"latency_threshold_ms", &b.LatencyThresholdMS, d.LatencyThresholdMS},
		{"throttle.min_delay_us", &t.MinDelayUS, d.Throttle.MinDelayUS},
		{"throttle.max_delay_ms", &t.MaxDelayMS, d.Throttle.MaxDelayMS},
	} {
		if *f.value == 0 && !isSet("job_server.v2.backpressure."+f.key) {
			*f.value = f.or
		}
	}
	if t.BackoffMultiplier == 0 && !isSet("job_server.v2.backpressure.throttle.backoff_multiplier") {
		t.BackoffMultiplier = d.Throttle.BackoffMultiplier
	}
	return b
}
