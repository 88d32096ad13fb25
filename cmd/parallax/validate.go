package main

import (
	"encoding/json"
	"fmt"

	"parallax/config"
)

type validateCommand struct {
	Job string `arg:"" help:"Job file."`
}

func (validateCommand) Help() string { return examples("parallax validate job.yaml") }

func (c *validateCommand) Run(e *env) error {
	l, err := config.Load(c.Job, nil)
	if err != nil {
		return err
	}
	p, err := compileJob(l)
	if err != nil {
		return err
	}
	explained, err := explain(p, l.Job.Processors.V2)
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{
			"job": l.Job.Name, "valid": true, "plan": explained, "warnings": append([]string{}, p.Warnings...),
		})
	}
	_, err = fmt.Fprintf(e.out, "%s: job %s is valid\n\n%s", c.Job, l.Job.Name, explained)
	return err
}
