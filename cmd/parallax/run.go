package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parallax/config"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/shadow/job"
)

type runCommand struct {
	Jobs        []string      `arg:"" name:"job" help:"Job files."`
	UntilEnd    bool          `help:"Stop at the present end offsets, and exit with the verdict."`
	Flush       bool          `help:"With --until-end: close the windows that are still open and emit their rows."`
	Isolated    bool          `help:"With --until-end: measure the paths one at a time as well, on the last batches."`
	For         time.Duration `help:"Stop after a time, such as 10m, and exit with the verdict." placeholder:"D"`
	StatusEvery time.Duration `help:"How often a live run logs its status; 0 is never." default:"30s" placeholder:"D"`
	FromStart   bool          `help:"Delete the group's offsets and read the input from the start. Needs empty output topics, or --append."`
	Append      bool          `help:"With --from-start: allow output topics that have rows, and add to them."`
}

func (runCommand) Help() string {
	return examples(
		"parallax run job.yaml",
		"parallax run job.yaml --until-end --flush --json",
		"parallax run job.yaml --until-end --flush --from-start --append",
	)
}

func (c *runCommand) Run(e *env) error {
	switch {
	case c.Flush && !c.UntilEnd:
		return errors.New("--flush needs --until-end: add it")
	case c.Isolated && !c.UntilEnd:
		return errors.New("--isolated needs --until-end: add it")
	case c.StatusEvery < 0:
		return fmt.Errorf("--status-every: %v must not be negative", c.StatusEvery)
	case c.Append && !c.FromStart:
		return errors.New("--append needs --from-start: add it")
	}
	ctx := e.ctx
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	jobs := make([]*commandJob, len(c.Jobs))
	for i, path := range c.Jobs {
		var err error
		if jobs[i], err = c.load(e, path); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if j.Listen == "" {
			continue
		}
		shown, err := show(e, "parallax run", j.Job, j.loaded, j.accepted, e.buildV2)
		if err != nil {
			return err
		}
		defer func() { _ = shown.close() }() // the run is over
		j.ended = shown.host.Ended
	}
	codes := make([]int, len(jobs))
	var all sync.WaitGroup
	var printing sync.Mutex
	for i, j := range jobs {
		all.Go(func() {
			stopReports := c.startReports(ctx, j.reporting)
			r, err := j.Run(ctx)
			stopReports()
			j.ended(err)
			printing.Lock()
			defer printing.Unlock()
			codes[i] = c.finish(e, j.Name, summary(r), err)
		})
	}
	all.Wait()
	return worst(codes)
}

// finish prints what a job came to and returns its exit code.
func (c *runCommand) finish(e *env, name string, s *reports.Summary, err error) int {
	if err != nil {
		e.fail(fmt.Errorf("job %s: %w", name, err))
		if s == nil { // it did not begin
			return exitError
		}
	}
	s.Exit = c.exitCode(e, *s, err)
	if err := e.print(s); err != nil {
		e.fail(err)
		return exitError
	}
	return s.Exit
}

// exitCode is that of a job that has ended: the verdict's where the run ended by
// itself, at the end of its input or of its time. A live run that a signal ended
// says whether it saw a divergence.
func (c *runCommand) exitCode(e *env, s reports.Summary, err error) int {
	switch {
	case err != nil:
		return exitError
	case (c.UntilEnd || c.For > 0) && e.ctx.Err() == nil:
		return s.Code
	case s.Divergences.Root > 0:
		return exitFail
	}
	return exitPass
}

// worst is the worst of several jobs' codes: error, fail, inconclusive,
// performance, pass.
func worst(codes []int) error {
	for _, code := range []int{exitError, exitFail, exitInconclusive, exitPerformance} {
		for _, c := range codes {
			if c == code {
				return exitCode(code)
			}
		}
	}
	return nil
}

// commandJob is a job of the command line.
type commandJob struct {
	*job.Job
	loaded    *config.Loaded
	accepted  []gate.Acceptance
	reporting *schedule.Job
	// ended is called when the run has ended, with the error that ended it, if any.
	ended func(error)
}

// load makes a job of a job file.
func (c *runCommand) load(e *env, path string) (*commandJob, error) {
	l, err := config.Load(path, nil)
	if err != nil {
		return nil, err
	}
	accepted, err := config.LoadAccepted(config.AcceptedPath(path))
	if err != nil {
		return nil, err
	}
	j, err := job.Load(l, job.Options{
		Accepted: accepted,
		UntilEnd: c.UntilEnd, Bounded: c.For > 0, Flush: c.Flush, FromStart: c.FromStart, Append: c.Append, Isolated: c.Isolated,
		StoreEvidence: true, LogDivergences: true, StatusEvery: c.StatusEvery, BuildV2: e.buildV2,
		Program: thisProgram(), Log: e.log, Observer: &watcher{e: e},
	})
	if err != nil {
		return nil, err
	}
	for _, w := range j.Plan.Warnings {
		e.log.Warn(w)
	}
	reporting, err := reportsOf(e, path)
	if err != nil {
		return nil, err
	}
	return &commandJob{j, l, accepted, reporting, func(error) {}}, nil
}
