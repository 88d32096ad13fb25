package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"parallax/config"
	"parallax/server/client"
	"parallax/shadow/job"
)

type validateCommand struct {
	Job       string `arg:"" help:"Job file, or - for standard input."`
	Against   string `help:"Ask a job server what deploying the file would change; nothing is changed." placeholder:"URL"`
	TokenFile string `help:"With --against: file with the token." placeholder:"FILE"`
}

func (validateCommand) Help() string {
	return examples("parallax validate job.yaml", "envsubst < job.yaml | parallax validate -", "parallax validate job.yaml --against http://127.0.0.1:8080")
}

func (c *validateCommand) Run(e *env) error {
	if c.TokenFile != "" && c.Against == "" {
		return errors.New("--token-file needs --against: add it")
	}
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
	if c.Against != "" {
		return c.compare(e, l.Job.Name)
	}
	if e.json {
		return json.NewEncoder(e.out).Encode(map[string]any{
			"job": l.Job.Name, "valid": true, "plan": explained, "warnings": append([]string{}, p.Warnings...),
		})
	}
	_, err = fmt.Fprintf(e.text(), "%s: job %s is valid\n\n%s", l.Path, l.Job.Name, explained)
	return err
}

// compare prints what a server would change. A change that it would refuse fails.
func (c *validateCommand) compare(e *env, name string) error {
	if c.Job == "-" {
		return errors.New("--against needs the file itself, not -")
	}
	file, err := os.ReadFile(c.Job)
	if err != nil {
		return err
	}
	token, err := readToken(c.TokenFile)
	if err != nil {
		return err
	}
	api, err := client.New(c.Against, token)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	change, err := api.DryRun(e.ctx, name, file)
	if err != nil {
		return refused(e, err)
	}
	if e.json {
		err = json.NewEncoder(e.out).Encode(change)
	} else {
		_, err = fmt.Fprintf(e.text(), "%s  %s\n", name, change.Change)
		for _, line := range change.Says {
			fmt.Fprintf(e.text(), "  %s\n", line)
		}
	}
	if err == nil && change.Change == "refused" {
		return exitCode(exitFail)
	}
	return err
}

// readToken reads the token of a server; "" for no file.
func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
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
