package main

import (
	"encoding/json"
	"fmt"
	"io"

	"parallax/config"
	"parallax/shadow/job"
)

type validateCommand struct {
	Job string `arg:"" help:"Job file, or - for standard input."`
}

func (validateCommand) Help() string {
	return examples("parallax validate job.yaml", "envsubst < job.yaml | parallax validate -")
}

func (c *validateCommand) Run(e *env) error {
	l, err := e.loadJob(c.Job)
	if err != nil {
		return err
	}
	p, err := job.Compile(l)
	if err != nil {
		return err
	}
	explained, err := explainPlan(p, l.Job.Processors.V2)
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{
			"job": l.Job.Name, "valid": true, "plan": explained, "warnings": append([]string{}, p.Warnings...),
		})
	}
	_, err = fmt.Fprintf(e.text(), "%s: job %s is valid\n\n%s", l.Path, l.Job.Name, explained)
	return err
}

// loadJob reads a job file; - is standard input.
func (e *env) loadJob(path string) (*config.Loaded, error) {
	if path != "-" {
		return config.Load(path, nil)
	}
	text, err := io.ReadAll(e.in)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return config.Parse("standard input", text, nil)
}
