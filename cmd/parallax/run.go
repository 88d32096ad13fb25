package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/reports"
	"parallax/reports/dashboard"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/kafka"
	"parallax/shadow/sampling"
)

type runCommand struct {
	Jobs        []string      `arg:"" name:"job" help:"Job files."`
	UntilEnd    bool          `help:"Stop at the end offsets of now, and exit with the verdict."`
	Flush       bool          `help:"With --until-end: end the windows that are still open."`
	Isolated    bool          `help:"With --until-end: measure the paths one at a time as well, on the last batches."`
	For         time.Duration `help:"Stop after a time, such as 10m, and exit with the verdict." placeholder:"D"`
	StatusEvery time.Duration `help:"How often a live run logs how it is; 0 is never." default:"30s" placeholder:"D"`
	FromStart   bool          `help:"Forget the group's offsets. Wants empty output topics, or --append."`
	Append      bool          `help:"With --from-start: add to what is in the output topics."`
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
		return errors.New("--flush ends a bounded run: say --until-end as well")
	case c.Isolated && !c.UntilEnd:
		return errors.New("--isolated measures after a bounded run: say --until-end as well")
	case c.StatusEvery < 0:
		return fmt.Errorf("--status-every: %v is below zero", c.StatusEvery)
	case c.Append && !c.FromStart:
		return errors.New("--append belongs to --from-start")
	}
	ctx := e.ctx
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	jobs := make([]*job, len(c.Jobs))
	for i, path := range c.Jobs {
		var err error
		if jobs[i], err = c.load(e, path); err != nil {
			return err
		}
	}
	codes := make([]int, len(jobs))
	var all sync.WaitGroup
	var printing sync.Mutex
	for i, j := range jobs {
		all.Go(func() {
			s, err := j.run(ctx, e)
			printing.Lock()
			defer printing.Unlock()
			codes[i] = c.finish(e, j, s, err)
		})
	}
	all.Wait()
	return worst(codes)
}

// finish prints what a job came to and returns its exit code.
func (c *runCommand) finish(e *env, j *job, s reports.Summary, err error) int {
	if err != nil {
		e.fail(fmt.Errorf("job %s: %w", j.name, err))
		if s.Job == "" { // it did not begin
			return exitError
		}
	}
	s.Exit = c.exitCode(e, s, err)
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

// load makes a job of a job file.
func (c *runCommand) load(e *env, path string) (*job, error) {
	loaded, err := config.Load(path, nil)
	if err != nil {
		return nil, err
	}
	cfg := &loaded.Job
	p, err := compileJob(loaded)
	if err != nil {
		return nil, err
	}
	for _, w := range p.Warnings {
		e.log.Warn(w)
	}
	if c.UntilEnd && !c.Flush && stateful(p) {
		return nil, fmt.Errorf("%s: --until-end would leave the open windows and groups of job %s behind, and there are no checkpoints yet to keep them: say --flush to end them", path, cfg.Name)
	}
	runner := cfg.V2.Config
	if _, said := loaded.Origin["v2.on_overload"]; !said && c.UntilEnd {
		runner.OnOverload = candidate.Block // a bounded run compares every record
	}
	runner.Isolated = (runner.Isolated || c.Isolated) && c.UntilEnd
	j := &job{
		name: cfg.Name, plan: p, kafka: cfg.Kafka, require: cfg.Diff.RequireLevel, rules: cfg.Diff.Rules, policy: cfg.Gate, listen: cfg.Listen,
		task: kafka.Options{
			Job: cfg.Name, UntilEnd: c.UntilEnd, Flush: c.Flush, FromStart: c.FromStart, Append: c.Append,
			Stateful: stateful(p), NoOutput: !cfg.Emit,
		},
		runner: shadow.Config{Control: cfg.V1, Candidate: runner, Commit: cfg.Commit},

		logDivergences: true, statusEvery: c.StatusEvery,
	}
	if c.UntilEnd {
		j.statusEvery = 0 // its progress is shown
	}
	if cfg.DeadLetter != "auto" {
		j.task.DeadLetter = cfg.DeadLetter
	}
	opt := processors.Options{ErrorsToDeadLetter: cfg.OnError == "dlq", LateToDeadLetter: cfg.Late == "dlq"}
	j.v1 = func() (processors.Processor, error) { return pipeline.New(p, opt) }
	if v2 := cfg.Processors.V2; v2.Architecture != processors.ArchitectureOff {
		if j.sample, err = samplerOf(loaded, p); err != nil {
			return nil, err
		}
		j.candidates(v2, func(v2 processors.Config) (processors.Processor, error) {
			if j.sample != nil {
				return partitions.NewSampled(v2, p, opt, cfg.Split.Percent)
			}
			return factory.New(v2, p, opt)
		})
	}
	return j, nil
}

// compileJob plans a job's script.
func compileJob(l *config.Loaded) (*plan.Plan, error) {
	script, err := l.Script()
	if err != nil {
		return nil, l.Point(err)
	}
	p, err := plan.Compile(script.Text, plan.BuildOptions{DefaultTopic: l.Job.Sink.Topic})
	if err != nil {
		return nil, script.Point(err)
	}
	if l.Job.Sink.Topic != "" {
		if _, err := plan.Compile(script.Text, plan.BuildOptions{}); err == nil {
			return nil, l.Point(errors.New("sink.topic: has no effect, because each query of the script names its own sink; remove it"))
		}
	}
	if _, err := samplerOf(l, p); err != nil {
		return nil, err
	}
	if l.Job.Listen != "" {
		if err := dashboard.CheckAddress(l.Job.Listen); err != nil {
			return nil, l.Point(fmt.Errorf("listen: %w", err))
		}
	}
	if err := diff.CheckRules(l.Job.Diff.Rules, sinksOf(p)); err != nil {
		return nil, l.Point(fmt.Errorf("diff.rules: %w", err))
	}
	if v2 := l.Job.Processors.V2; v2.Architecture == processors.ArchitectureV2 {
		if _, err := partitions.RoutingOf(p, v2); err != nil {
			return nil, l.Point(fmt.Errorf("v2.partitioning_strategy: %w", err))
		}
	}
	return p, nil
}

// samplerOf chooses the job's percentage of keys; nil for all of them.
func samplerOf(l *config.Loaded, p *plan.Plan) (sampling.Sampler, error) {
	if l.Job.Split.Percent == 100 {
		return nil, nil
	}
	s, err := partitions.NewSampler(p, l.Job.Split.Percent)
	if err != nil {
		return nil, l.Point(fmt.Errorf("split.percent: %w", err))
	}
	return s, nil
}
