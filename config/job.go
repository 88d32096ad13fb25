// Package config reads job files: YAML, overridden by the environment, overridden
// by flags. The knobs themselves are declared in the packages that use them;
// this package composes them, and is the only one that knows koanf.
package config

import (
	"errors"
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/route"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/kafka"
)

// Job is a job file.
type Job struct {
	Name  string       `koanf:"job"`
	Kafka kafka.Config `koanf:"kafka"`
	// SQL is the script; SQLFile names its file, relative to the job file. One of
	// the two is given.
	SQL     string `koanf:"sql"`
	SQLFile string `koanf:"sql_file"`
	// Sink is where a bare SELECT goes.
	Sink       Sink                `koanf:"sink"`
	Emit       bool                `koanf:"emit"`
	Scope      string              `koanf:"scope"`
	Processors Processors          `koanf:"processors"`
	V1         shadow.V1Config     `koanf:"v1"`
	V2         V2                  `koanf:"v2"`
	Split      Split               `koanf:"split"`
	Diff       diff.Config         `koanf:"diff"`
	Gate       gate.Policy         `koanf:"gate"`
	Commit     shadow.CommitPolicy `koanf:"commit"`
	DeadLetter string              `koanf:"dead_letter"`
	OnError    string              `koanf:"on_error"`
	Late       string              `koanf:"late"`
	Listen     string              `koanf:"listen"`

	// JobServer is the seeds' own form of Processors and V2.
	JobServer *JobServer `koanf:"job_server"`
}

// Sink is `sink:`.
type Sink struct {
	Topic string `koanf:"topic"`
}

// Processors are the configuration strings of the two paths.
type Processors struct {
	V1 processors.Config `koanf:"v1"`
	V2 processors.Config `koanf:"v2"`
}

// V2 is `v2:`: what the runner does with the candidate, and how that routes.
type V2 struct {
	shadow.V2Config      `koanf:",squash"`
	PartitioningStrategy string `koanf:"partitioning_strategy"`
	// ForceStrategy takes a strategy that splits a query's state all the same: an
	// experiment, which no run passes.
	ForceStrategy      bool  `koanf:"force_strategy"`
	NumPartitions      *int  `koanf:"num_partitions"`
	EnableCoreAffinity *bool `koanf:"enable_core_affinity"`
}

// Split is `split:`, which keys are compared: Percent of them, chosen by the hash
// of the key that V2 splits by.
type Split struct {
	Percent float64 `koanf:"percent"`
	By      string  `koanf:"by"`
}

// JobServer is the form in which the system that the project grew from is
// configured.
type JobServer struct {
	Architecture string `koanf:"processor_architecture"`
	V2           struct {
		NumPartitions      *int                `koanf:"num_partitions"`
		ProcessingMode     string              `koanf:"processing_mode"`
		BatchSize          int                 `koanf:"batch_size"`
		EnableCoreAffinity *bool               `koanf:"enable_core_affinity"`
		Backpressure       shadow.Backpressure `koanf:"backpressure"`
	} `koanf:"v2"`
}

// Default returns the defaults of a live run.
func Default() Job {
	return Job{
		Kafka: kafka.DefaultConfig(), Emit: true, Scope: "topic",
		Processors: Processors{V1: processors.Config{Architecture: processors.ArchitectureV1}, V2: processors.Config{Architecture: processors.ArchitectureV2}},
		V2:         V2{V2Config: shadow.DefaultV2(), PartitioningStrategy: "auto"},
		Split:      Split{Percent: 100, By: "key"}, Diff: diff.DefaultConfig(), Gate: gate.DefaultPolicy(),
		Commit: shadow.DefaultCommit(), DeadLetter: "auto", OnError: "null", Late: "drop",
	}
}

// Validate names the key and the value that cannot be run.
func (j *Job) Validate() error {
	switch {
	case j.Name == "":
		return errors.New("job: a name is needed")
	case (j.SQL == "") == (j.SQLFile == ""):
		return errors.New("sql: one of sql and sql_file is needed")
	case j.Scope == "partition":
		return errors.New("scope: partition is not supported yet; use topic")
	case j.Scope != "topic":
		return fmt.Errorf("scope: %q is neither topic nor partition", j.Scope)
	case !(j.Split.Percent > 0 && j.Split.Percent <= 100):
		return fmt.Errorf("split.percent: %v is not above 0 and at most 100", j.Split.Percent)
	case j.Split.By != "key":
		return fmt.Errorf("split.by: %q is not key", j.Split.By)
	case j.OnError != "null" && j.OnError != "dlq":
		return fmt.Errorf("on_error: %q is neither null nor dlq", j.OnError)
	case j.Late != "drop" && j.Late != "dlq":
		return fmt.Errorf("late: %q is neither drop nor dlq", j.Late)
	case j.Processors.V1.Architecture != processors.ArchitectureV1:
		return fmt.Errorf("processors.v1: %s cannot be the authoritative path; use v1", j.Processors.V1)
	}
	if err := j.agree(); err != nil {
		return err
	}
	for _, err := range []error{
		j.Kafka.Validate(), j.Commit.Validate(), j.V2.V2Config.Validate(), j.Diff.Validate(), j.Gate.Validate(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// agree refuses v2.num_partitions and v2.enable_core_affinity that say otherwise
// than the configuration string.
func (j *Job) agree() error {
	s := j.Processors.V2
	if n := j.V2.NumPartitions; n != nil && s.Partitions != *n && s.Partitions != 0 {
		return fmt.Errorf("v2.num_partitions: %d, and processors.v2 says %s: say it once", *n, s)
	}
	if a := j.V2.EnableCoreAffinity; a != nil && *a != s.Affinity && (s.Affinity || s.Partitions != 0) {
		return fmt.Errorf("v2.enable_core_affinity: %v, and processors.v2 says %s: say it once", *a, s)
	}
	return nil
}

// settle applies what other keys say to the processors, once all is read.
func (j *Job) settle() error {
	if js := j.JobServer; js != nil {
		if err := j.adopt(js); err != nil {
			return err
		}
	}
	if err := j.agree(); err != nil {
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

// adopt takes over the seeds' form, for what it covers.
func (j *Job) adopt(js *JobServer) error {
	switch strings.ToLower(js.Architecture) {
	case "v1":
		j.Processors.V2 = processors.Config{Architecture: processors.ArchitectureOff}
	case "v2", "":
	default:
		return fmt.Errorf("job_server.processor_architecture: %q is neither v1 nor v2", js.Architecture)
	}
	if mode := js.V2.ProcessingMode; mode != "" && mode != "batch" {
		return fmt.Errorf("job_server.v2.processing_mode: %q has no meaning here: records are processed in batches", mode)
	}
	if js.V2.BatchSize > 0 {
		j.Kafka.Batch = js.V2.BatchSize
	}
	j.V2.NumPartitions, j.V2.EnableCoreAffinity = js.V2.NumPartitions, js.V2.EnableCoreAffinity
	if b := js.V2.Backpressure; b != (shadow.Backpressure{}) {
		if b.Throttle == (shadow.Throttle{}) {
			b.Throttle = j.V2.Backpressure.Throttle // it has a default there too
		}
		j.V2.Backpressure = b
	}
	return nil
}
