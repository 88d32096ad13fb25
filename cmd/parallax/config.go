package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
)

type configCommand struct {
	Job string `arg:"" help:"Job file, or - for standard input."`
}

func (configCommand) Help() string {
	return examples("parallax config job.yaml", "PARALLAX_KAFKA__BATCH=5000 parallax config job.yaml --json")
}

func (c *configCommand) Run(e *env) error {
	l, err := e.loadJob(c.Job)
	if err != nil {
		return err
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(l.Effective())
	}
	t := tabwriter.NewWriter(e.text(), 0, 0, 2, ' ', 0)
	for _, v := range l.Effective() {
		value := v.Value
		if lines := strings.Count(value, "\n"); lines > 0 {
			first, _, _ := strings.Cut(value, "\n")
			value = fmt.Sprintf("%s ... (%d more lines)", first, lines)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", v.Key, value, v.Source)
	}
	return t.Flush()
}
