package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parallax/reports/dashboard"
	"parallax/shadow"
	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

// Run runs the job to its end, or to ctx's, and judges what it showed. With an error the
// result says how far it got; it is nil where the job did not begin.
//
// Where the brokers go away, or the group takes the topic-partitions from this instance, the
// job waits for them and continues from its last checkpoint: see continues.
func (j *Job) Run(ctx context.Context) (*Result, error) {
	j.settle()
	if err := j.redact(); err != nil {
		return nil, err
	}
	stopListening, err := j.listen()
	if err != nil {
		return nil, err
	}
	defer stopListening()
	began, stopRecording := time.Now(), j.record()
	stopStages := j.controlStages(ctx)
	result, err := j.runUntilEnd(ctx)
	stopStages()
	stopRecording()
	if result != nil {
		if err == nil && (j.Task.UntilEnd || j.bounded) {
			j.addEarlier(result, began)
		}
		j.ended.Store(result)
	}
	j.rememberVerdict()
	return result, err
}

// runUntilEnd runs incarnations of the job until one is not followed by another.
func (j *Job) runUntilEnd(ctx context.Context) (*Result, error) {
	live := j.live()
	started := time.Now()
	for away := newAway(j, &live.ready); ; {
		result, err := j.runOnce(ctx, live.metrics, &live.ready, started)
		if !away.continues(ctx, err) {
			return result, err
		}
	}
}

// runOnce is one incarnation of the job: from joining the group to leaving it.
func (j *Job) runOnce(ctx context.Context, shown *metrics.Metrics, ready *readiness, started time.Time) (*Result, error) {
	r := &running{started: started}
	var err error
	if r.states, err = newCheckpoints(j); err != nil {
		return nil, err
	}
	opt := j.Task
	opt.MaxBytes = j.commit().MaxBytes
	opt.Stages = j.Migration != nil
	if r.states != nil {
		opt.Resume, opt.StateInterval = r.states.resume, j.State.Interval
		if opt.Generation, err = r.states.newestGeneration(); err != nil {
			return nil, err
		}
	}
	if r.task, err = kafka.Open(ctx, j.Kafka, j.Plan, opt); err != nil {
		return nil, errors.Join(err, r.states.closeUnused())
	}
	// The next incarnation continues this one, and ends where this one does.
	j.Task.FromStart, j.Task.Bounds = false, r.task.Bounds()
	ready.has(r.task)
	j.beginIncarnation()
	candidate := j.candidate()
	runner := j.Runner
	runner.Commit = j.commit()
	job := shadow.Job{
		Sinks: j.Plan.Sinks(), Source: r.task, Output: r.task, Control: j.Control, Candidate: candidate,
		Config: runner, RequireLevel: j.Require, Rules: j.rules(), PartitionOf: j.PartitionOf, Held: j.Held, Log: j.Log, Metrics: shown, Sample: j.Sample,
		LogDivergences: j.LogDivergences, StatusEvery: j.StatusEvery, MoreStatus: j.verdictSoFar,
	}
	if j.recorder.Load() != nil {
		job.Spans, job.SpanPeriod = j.newSpanWriter(r.task), j.SpanPeriod
	}
	if j.redaction != nil {
		job.Redaction = j.redaction
	}
	if r.states != nil {
		r.states.begin(r.task)
		job.Resume, job.Keeper, job.States = r.states.resumed, r.states, j.states()
	} else {
		job.NoStates = j.whyNoStates()
	}
	due := j.beginStage(&job, r)
	r.runner, err = shadow.New(job)
	if err != nil {
		return nil, errors.Join(err, r.states.closeUnused(), r.task.Close(context.WithoutCancel(ctx)))
	}
	if r.states != nil {
		r.states.stage = r.runner.Stage
	}
	j.running.Store(r)
	stopProgress := j.showProgress(r.task)
	fed := j.startFeed(ctx, r.task)
	recorded := j.recordStage(ctx, r.runner, job.Stage, due)
	rep, err := r.runner.Run(ctx)
	recorded()
	stopProgress()
	err = errors.Join(err, fed())
	stats := r.task.Stats()
	// The state directory first: whoever gets the topic-partitions next wants it.
	err = errors.Join(err, r.states.close(), r.task.Close(context.WithoutCancel(ctx)))
	if err == nil && ctx.Err() == nil && j.isolates() {
		j.Observer.Isolating(j.Name)
		isolated := r.runner.Isolated(ctx, rep)
		rep.Throughput.Isolated = &isolated
	}
	j.account(&rep, r.started, kafka.Progress{Offsets: r.task.Processed(), DeadLetterTopics: r.task.DeadLetterTopics()}, r.task)
	result := j.Judge(rep, stats, err)
	return &result, err
}

// settle fills in what the job leaves open.
func (j *Job) settle() {
	if j.Log == nil {
		j.Log = slog.New(slog.DiscardHandler)
	}
	if j.Observer == nil {
		j.Observer = silent{}
	}
	j.Log = j.Log.With("job", j.Name)
	j.Task.Log, j.Task.MaxBytes = j.Log, j.Runner.Commit.MaxBytes
}

// listen serves the job's metrics and health until stop.
func (j *Job) listen() (stop func(), err error) {
	if j.Listen == "" {
		return func() {}, nil
	}
	srv, err := dashboard.Listen(j.Listen, dashboard.Sources{
		Job: j.Name, Ready: j.Ready, Rescale: j.Rescaler(), Verdict: j.Verdict, Metrics: j.WriteMetrics,
	})
	if err != nil {
		return nil, err
	}
	j.Observer.Listening(srv.Addr().String())
	if w := srv.Warning(); w != "" {
		j.Log.Warn(w)
	}
	return func() {
		closing, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Close(closing) // the run is over: a reader that hangs on is cut off
	}, nil
}

// isolates reports whether the paths are to be measured one at a time as well:
// after a bounded run that was asked to.
func (j *Job) isolates() bool {
	return j.Runner.Candidate.Isolated && j.Candidate != nil && (j.Task.UntilEnd || j.Feed != nil)
}

// startFeed lets the feed make its input beside the run; wait ends it, and
// returns its error.
func (j *Job) startFeed(ctx context.Context, task *kafka.Task) (wait func() error) {
	if j.Feed == nil {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		err := j.Feed(ctx, task)
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

// progressPeriod is how often the observer is told how far a bounded run is.
const progressPeriod = 100 * time.Millisecond

// showProgress tells the observer how far a bounded run is, until stop.
func (j *Job) showProgress(task *kafka.Task) (stop func()) {
	if !j.Task.UntilEnd {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		total := task.Stats().Lag
		tick := time.NewTicker(progressPeriod)
		defer tick.Stop()
		for {
			select {
			case <-done:
				j.Observer.ProgressEnded()
				return
			case <-tick.C:
				j.Observer.Progress(total-task.Stats().Lag, total)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
