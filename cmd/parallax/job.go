package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/dashboard"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
	"parallax/shadow/sampling"
)

// job is a job as demo and run start it.
type job struct {
	name  string
	plan  *plan.Plan
	kafka kafka.Config
	task  kafka.Options
	v1    func() (processors.Processor, error)
	// v2 is nil for `v2: off`.
	v2 func() (processors.Processor, error)
	// partitionOf is v2's router; nil where there is none.
	partitionOf func(b *row.Batch, c *row.Change) int32
	// resized is v2 with another number of partitions.
	resized func(partitions int) (processors.Processor, error)
	// sample is nil where all keys are compared.
	sample  sampling.Sampler
	runner  shadow.Config
	require diff.Level
	rules   []diff.Rule
	policy  gate.Policy
	listen  string
	// logDivergences and statusEvery say what is logged while the job runs.
	logDivergences bool
	statusEvery    time.Duration
	// feed makes the job's input while it runs; when it is done, what it made is
	// where the input ends. nil: the input is there, or comes from elsewhere.
	feed func(ctx context.Context, task *kafka.Task) error
}

// stateful reports whether a plan's records depend on earlier ones.
func stateful(p *plan.Plan) bool {
	for _, q := range p.Queries {
		if !q.Split.Stateless {
			return true
		}
	}
	return false
}

// sinksOf are where a plan's queries write to.
func sinksOf(p *plan.Plan) (sinks []*row.Sink) {
	for _, q := range p.Queries {
		sinks = append(sinks, q.Sink)
	}
	return sinks
}

// run runs the job to its end, or to ctx's, and sums it up. With an error the
// summary says how far it got.
func (j *job) run(ctx context.Context, e *env) (reports.Summary, error) {
	started := time.Now()
	shown := metrics.New()
	var task *kafka.Task
	var running atomic.Pointer[shadow.Runner]
	ready := make(chan struct{})
	if j.listen != "" {
		srv, err := dashboard.Listen(j.listen, dashboard.Sources{Job: j.name, Metrics: shown.Write, Ready: func() error {
			select {
			case <-ready:
				return task.Ready()
			default:
				return errors.New("waiting for the group's assignment")
			}
		}, Rescale: j.rescaler(&running)})
		if err != nil {
			return reports.Summary{}, err
		}
		fmt.Fprintf(e.errs, "metrics on http://%s/metrics\n", srv.Addr())
		if w := srv.Warning(); w != "" {
			e.log.Warn(w)
		}
		defer func() {
			closing, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = srv.Close(closing) // the run is over: a reader that hangs on is cut off
		}()
	}
	log := e.log.With("job", j.name)
	j.task.Log, j.task.MaxBytes = log, j.runner.Commit.MaxBytes
	task, err := kafka.Open(ctx, j.kafka, j.plan, j.task)
	if err != nil {
		return reports.Summary{}, err
	}
	close(ready)
	watchTask(shown, task)
	runner, err := shadow.New(shadow.Job{
		Sinks: sinksOf(j.plan), Source: task, Output: task, V1: j.v1, V2: j.v2,
		Config: j.runner, RequireLevel: j.require, Rules: j.rules, PartitionOf: j.partitionOf, Log: log, Metrics: shown, Sample: j.sample,
		LogDivergences: j.logDivergences, StatusEvery: j.statusEvery,
	})
	if err != nil {
		return reports.Summary{}, errors.Join(err, task.Close(context.WithoutCancel(ctx)))
	}
	running.Store(runner)
	stop := func() {}
	if j.task.UntilEnd {
		stop = showProgress(e, task)
	}
	fed := j.startFeed(ctx, task)
	rep, err := runner.Run(ctx)
	stop()
	err = errors.Join(err, fed())
	stats := task.Stats()
	err = errors.Join(err, task.Close(context.WithoutCancel(ctx)))
	if err == nil && ctx.Err() == nil && j.isolated() {
		fmt.Fprintf(e.errs, "measuring the paths of job %s one at a time\n", j.name)
		isolated := runner.Isolated(ctx, rep)
		rep.Throughput.Isolated = &isolated
	}
	j.account(&rep, task, started)
	return j.summarise(rep, stats, err), err
}

// isolated reports whether the paths are to be measured one at a time as well:
// after a bounded run that was asked to.
func (j *job) isolated() bool {
	return j.runner.Candidate.Isolated && j.v2 != nil && (j.task.UntilEnd || j.feed != nil)
}

// startFeed lets the feed make its input beside the run; wait ends it, and
// returns its error.
func (j *job) startFeed(ctx context.Context, task *kafka.Task) (wait func() error) {
	if j.feed == nil {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		err := j.feed(ctx, task)
		// Even a feed that failed has an end: the run must not wait for more.
		done <- errors.Join(err, task.Finish(context.WithoutCancel(ctx)))
	}()
	return func() error {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}
}

// showProgress tells every now and then how far a bounded run is.
func showProgress(e *env, task *kafka.Task) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p := newProgress(e.errs, "processed", task.Stats().Lag)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				p.done()
				return
			case <-tick.C:
				p.at(p.total - task.Stats().Lag)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// summarise makes the verdict and the summary of a run.
func (j *job) summarise(rep evidence.Report, stats kafka.Stats, failed error) reports.Summary {
	rep.BrokerGaps, rep.RefusedRows, rep.ChangedTimestamps, rep.DeadLetters = stats.BrokerGaps, stats.TooLarge, stats.ChangedTimestamps, stats.DeadLetters
	rep.Throughput.Decoded = evidence.PerSecond(stats.Records, stats.DecodeTime)
	rep.Throughput.Encoded = evidence.PerSecond(stats.Rows, stats.EncodeTime)
	for _, q := range j.plan.Queries {
		if a := q.Logical.Aggregation; a != nil && a.Window != nil {
			rep.WindowSize, rep.WindowGrace = max(rep.WindowSize, a.Window.Size), max(rep.WindowGrace, a.Window.Grace)
		}
	}
	if failed != nil {
		rep.Broken = firstLine(failed)
	}
	return reports.Summarise(j.name, rep, j.policy, gate.Decide(j.policy, gate.Evidence{Report: rep, At: time.Now()}))
}

// print writes a summary as the user wants it.
func (e *env) print(s reports.Summary) error {
	if !e.json {
		return reports.StyledText(e.text(), e.terminal(), s)
	}
	line, err := s.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s\n", line)
	return err
}
