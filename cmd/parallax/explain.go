package main

import (
	"encoding/json"
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

type explainCommand struct {
	Job       string   `arg:"" help:"Job file."`
	Signature string   `arg:"" optional:"" help:"Id of a divergence, as a summary or report shows it; without it the first one that a replay shows."`
	Output    string   `help:"Folder to write that reproduces the divergence." short:"o" placeholder:"DIR"`
	Input     string   `help:"Input records, a JSON line each, in the order of the input; - is standard input. Without it they are read from the job's topics." placeholder:"FILE"`
	Summary   string   `help:"Summary of the run (run --json, demo --json), which says what the divergence is, and its cause." placeholder:"FILE"`
	Evidence  string   `help:"Directory of stored evidence, if it is not the job's; evidence says what the divergence is, and its cause." placeholder:"DIR"`
	From      string   `help:"Read the topics from this time on, such as 2026-01-02T15:04:05Z." placeholder:"TIME"`
	Records   int      `help:"Most records that are replayed." default:"200000"`
	Redact    []string `help:"Column of an output or a source whose values are replaced by hashes; may be repeated." placeholder:"TOPIC.COLUMN"`
	Fault     string   `help:"The fault that parallax demo injected into V2." placeholder:"NAME"`
}

func (explainCommand) Help() string {
	return examples(
		"parallax explain job.yaml 4383b341414e",
		"parallax explain job.yaml --input records.jsonl",
		"parallax explain job.yaml 4383b341414e --input records.jsonl -o divergence",
		"parallax explain job.yaml 4383b341414e --summary summary.json --input records.jsonl --json",
	) + "\n\nThe exit code is 0 if a replay shows the divergence, and 3 if it does not."
}

func (c *explainCommand) Run(e *env) error {
	l, err := e.loadJob(c.Job)
	if err != nil {
		return err
	}
	s, err := c.subject(l)
	if err != nil {
		return err
	}
	known, err := c.known(l)
	if err != nil {
		return err
	}
	input, err := c.records(e, l, s, known)
	if err != nil {
		return err
	}
	target := explain.Target{ID: c.Signature}
	if known != nil {
		target = explain.TargetOf(*known)
	}
	shown := newSteps(e.errs)
	x, err := explain.Explain(e.ctx, s, input.records, explain.Options{Target: target, Progress: shown.at})
	shown.done()
	if err != nil {
		return err
	}
	if input.isCut && !x.Shown {
		x.Why = append(x.Why, fmt.Sprintf("the input: earlier records were left out, because there are more than --records %d; state may depend on them", c.Records))
	}
	if c.Output != "" && x.Shown {
		if err := x.WriteFolder(e.ctx, c.Output, s); err != nil {
			return err
		}
	}
	if err := c.print(e, x, s); err != nil {
		return err
	}
	if !x.Shown {
		return exitCode(exitInconclusive)
	}
	return nil
}

// print writes the explanation as the user wants it.
func (c *explainCommand) print(e *env, x *explain.Explanation, s *explain.Subject) error {
	if e.json {
		line := json.NewEncoder(e.out)
		line.SetEscapeHTML(false)
		return line.Encode(x)
	}
	w := e.text()
	if err := x.WriteText(w); err != nil || !x.Shown {
		return err
	}
	var err error
	if c.Output == "" {
		_, err = fmt.Fprint(w, "\nWith -o DIR you get a folder with the smallest input and a command that reproduces it.\n")
	} else {
		_, err = fmt.Fprintf(w, "\nTo reproduce it:\n  cd %s\n  %s\n", c.Output, x.Command(e.ctx, s))
	}
	return err
}

// subject is the job as it is replayed.
func (c *explainCommand) subject(l *config.Loaded) (*explain.Subject, error) {
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
		V2:      cfg.Processors.V2, NewV2: func() explain.BuildV2 { return factory.New }, Fault: c.Fault,
		Batch: cfg.Kafka.Batch, Require: cfg.Diff.RequireLevel, Rules: cfg.Diff.Rules,
		MaxFuture: cfg.Kafka.MaxFuture, Deadline: cfg.V2.Deadline,
	}
	if err := redaction.Check(p, c.Redact); err != nil {
		return nil, fmt.Errorf("--redact: %w", err)
	}
	if columns := slices.Concat(cfg.Evidence.Redact, c.Redact); len(columns) > 0 {
		key, err := redaction.ReadKey(store.KeyPath(evidenceDir(l, c.Evidence), cfg.Name))
		if err != nil { // such as on a machine that only has a copy of the evidence
			key = redaction.NewKey()
		}
		if s.Redaction, err = redaction.New(p, columns, key); err != nil {
			return nil, err
		}
	}
	if c.Fault == "" {
		return s, nil
	}
	if _, err := faults.Parse(c.Fault); err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	s.NewV2 = func() explain.BuildV2 {
		f, err := faults.Parse(c.Fault) // a new one for each replay
		if err != nil {
			return factory.New // it was parsed above
		}
		return f.New
	}
	return s, nil
}
