package main

import (
	"errors"
	"os"
	"os/exec"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// step is a command of a CI job. An always step runs also after one that failed.
type step struct {
	run    string
	always bool
}

// stepsOf reads the commands of a sample workflow: GitHub's or GitLab's.
func stepsOf(text []byte) (steps []step, err error) {
	var github struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses, Run string
				If        string `yaml:"if"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &github); err != nil {
		return nil, err
	}
	for _, job := range github.Jobs {
		for _, s := range job.Steps {
			if s.Run != "" {
				steps = append(steps, step{s.Run, s.If == "always()"})
			}
		}
	}
	if len(github.Jobs) > 0 {
		return steps, nil
	}
	var gitlab map[string]struct {
		Script []string
		After  []string `yaml:"after_script"`
	}
	if err := yaml.Unmarshal(text, &gitlab); err != nil {
		return nil, err
	}
	for _, job := range gitlab {
		for _, run := range job.Script {
			steps = append(steps, step{run, false})
		}
		for _, run := range job.After {
			steps = append(steps, step{run, true})
		}
	}
	return steps, nil
}

// runWorkflow runs a sample workflow step by step as the CI server does: workflow FILE. With
// ! it has to fail.
func runWorkflow(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: workflow FILE")
	}
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	steps, err := stepsOf(text)
	ts.Check(err)
	if len(steps) < 3 {
		ts.Fatalf("%s has %d steps", args[0], len(steps))
	}
	var failed error
	for _, s := range steps {
		if failed != nil && !s.always {
			continue
		}
		err := ts.Exec("bash", "-e", "-c", s.run)
		if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			ts.Check(err)
		}
		if err != nil && failed == nil {
			failed = err
			ts.Logf("failed: %s: %v", s.run, err)
		}
	}
	if (failed != nil) != neg {
		ts.Fatalf("the workflow ended with %v", failed)
	}
}
