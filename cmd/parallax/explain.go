package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/faults"
	"parallax/processors/row"
	"parallax/reports/gate"
	"parallax/shadow/explain"
	"parallax/shadow/ingest"
	"parallax/shadow/job"
)

type explainCommand struct {
	Job       string `arg:"" help:"Job file."`
	Signature string `arg:"" optional:"" help:"Id of a divergence, as a summary or report shows it; without it the first one that a replay shows."`
	Output    string `help:"Folder to write that reproduces the divergence." short:"o" placeholder:"DIR"`
	Input     string `help:"Input records, a JSON line each, in the order of the input; - is standard input." placeholder:"FILE"`
	Summary   string `help:"Summary of the run (run --json, demo --json), which says what the divergence is." placeholder:"FILE"`
	Records   int    `help:"Most records that are replayed." default:"200000"`
	Fault     string `help:"The fault that parallax demo injected into V2." placeholder:"NAME"`
}

func (explainCommand) Help() string {
	return examples(
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
	target, err := c.target()
	if err != nil {
		return err
	}
	input, err := c.records(e, s)
	if err != nil {
		return err
	}
	shown := newSteps(e.errs)
	x, err := explain.Explain(e.ctx, s, input, explain.Options{Target: target, Progress: shown.at})
	shown.done()
	if err != nil {
		return err
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

// target is the divergence that is asked for.
func (c *explainCommand) target() (explain.Target, error) {
	t := explain.Target{ID: c.Signature}
	if c.Summary == "" {
		return t, nil
	}
	text, err := os.ReadFile(c.Summary)
	if err != nil {
		return t, fmt.Errorf("--summary: %w", err)
	}
	var run struct {
		Signatures []diff.Signature `json:"signatures"`
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return t, fmt.Errorf("--summary %s: %w", c.Summary, row.JSONError(text, err))
	}
	for _, s := range run.Signatures {
		if c.Signature == "" || s.ID == c.Signature {
			return explain.TargetOf(s), nil
		}
	}
	if c.Signature == "" {
		return t, fmt.Errorf("--summary %s: the run has no divergences", c.Summary)
	}
	return t, fmt.Errorf("--summary %s: the run has no divergence %s", c.Summary, c.Signature)
}

// records reads the records to replay.
func (c *explainCommand) records(e *env, s *explain.Subject) ([]row.Record, error) {
	switch {
	case c.Records <= 0:
		return nil, fmt.Errorf("--records: %d: must be greater than 0", c.Records)
	case c.Input == "":
		return nil, errors.New("there is no input: give the records with --input FILE")
	}
	var in io.Reader = e.in
	name := "standard input"
	if c.Input != "-" {
		f, err := os.Open(c.Input)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, name = f, c.Input
	}
	list, err := explain.Read(e.ctx, in, name, s.Plan, c.Records, ingest.FileOptions{MaxFuture: s.MaxFuture})
	if errors.Is(err, explain.ErrTooMany) {
		return nil, fmt.Errorf("%s has more than %s records: allow more with --records, or give only those up to the divergence", name, gate.Thousands(int64(c.Records)))
	}
	return list, err
}
