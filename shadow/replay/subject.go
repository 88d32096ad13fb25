package replay

import (
	"fmt"
	"slices"

	"parallax/config"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/faults"
	"parallax/reports/store"
	"parallax/shadow/explain"
	"parallax/shadow/job"
	"parallax/shadow/redaction"
)

// Options say how a job is replayed.
type Options struct {
	// Fault is a fault of the demo in V2; "" for none.
	Fault string
	// BuildV2 builds V2, if it is not the one that the job names; nil otherwise.
	BuildV2 explain.BuildV2
	// Redact are columns whose values are replaced, beside those of evidence.redact.
	Redact []string
	// EvidenceDir is the directory of the evidence, which has the key of evidence.redact.
	EvidenceDir string
}

// OptionError is an option that cannot be used.
type OptionError struct {
	Option string
	Err    error
}

func (e *OptionError) Error() string { return e.Option + ": " + e.Err.Error() }
func (e *OptionError) Unwrap() error { return e.Err }

// SubjectOf returns the job of a job file as it is replayed.
func SubjectOf(l *config.Loaded, o Options) (*explain.Subject, error) {
	p, err := job.Compile(l)
	if err != nil {
		return nil, err
	}
	script, err := l.Script()
	if err != nil {
		return nil, err
	}
	cfg := &l.Job
	if cfg.Processors.V2.Architecture != processors.ArchitectureV2 {
		return nil, fmt.Errorf("%s: job %s has processors.v2: %s, so there is no V2 whose divergence can be explained", l.Path, cfg.Name, cfg.Processors.V2)
	}
	s := &explain.Subject{
		Job: cfg.Name, Plan: p, Script: script.Text, SinkTopic: cfg.Sink.Topic,
		Options: processors.Options{ErrorsToDeadLetter: cfg.OnError == "dlq", LateToDeadLetter: cfg.Late == "dlq"},
		V2:      cfg.Processors.V2, NewV2: func() explain.BuildV2 { return factory.New }, Fault: o.Fault,
		Batch: cfg.Kafka.Batch, Require: cfg.Diff.RequireLevel, Rules: cfg.Diff.Rules,
		MaxFuture: cfg.Kafka.MaxFuture, Deadline: cfg.V2.Deadline,
	}
	if o.BuildV2 != nil {
		s.NewV2 = func() explain.BuildV2 { return o.BuildV2 }
	}
	if err := redaction.Check(p, o.Redact); err != nil {
		return nil, &OptionError{"redact", err}
	}
	if columns := slices.Concat(cfg.Evidence.Redact, o.Redact); len(columns) > 0 {
		key, err := redaction.ReadKey(store.KeyPath(o.EvidenceDir, cfg.Name))
		if err != nil { // such as on a machine that only has a copy of the evidence
			key = redaction.NewKey()
		}
		if s.Redaction, err = redaction.New(p, columns, key); err != nil {
			return nil, err
		}
	}
	if o.Fault == "" {
		return s, nil
	}
	if _, err := faults.Parse(o.Fault); err != nil {
		return nil, &OptionError{"fault", err}
	}
	s.NewV2 = func() explain.BuildV2 {
		f, err := faults.Parse(o.Fault) // a new one for each replay
		if err != nil {
			return factory.New // it was parsed above
		}
		return f.New
	}
	return s, nil
}
