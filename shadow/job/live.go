package job

import (
	"context"
	"io"
	"time"

	"parallax/reports/dashboard"
	"parallax/reports/verdict"
	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

// live is what is shown of a job while it runs.
type live struct {
	metrics  *metrics.Metrics
	ready    readiness
	verdicts *dashboard.Verdicts
}

// live returns what is shown of the job, also before it has begun.
func (j *Job) live() *live {
	j.showing.Do(func() {
		j.shown = &live{metrics: metrics.New(), verdicts: dashboard.NewVerdicts(j.verdictDocument)}
		watchJob(j.shown.metrics, j)
	})
	return j.shown
}

// Ready returns nil while the job processes records, else why it does not. Any goroutine may
// ask at any time.
func (j *Job) Ready() error { return j.live().ready.check() }

// WriteMetrics writes the job's metrics, and its verdict as one, in Prometheus' text format.
func (j *Job) WriteMetrics(w io.Writer) {
	l := j.live()
	l.metrics.Write(w)
	l.verdicts.Write(w)
}

// Verdict returns the verdict on the job, which may be some seconds old.
func (j *Job) Verdict(ctx context.Context) (verdict.Document, error) {
	return j.live().verdicts.Newest(ctx)
}

// VerdictNow returns the verdict on what is stored now, which reads all evidence of the job.
func (j *Job) VerdictNow(ctx context.Context) (verdict.Document, error) {
	j.live().verdicts.Renew()
	return j.Verdict(ctx)
}

// Stats are the counts of the job's input and output, all 0 before it has begun.
func (j *Job) Stats() kafka.Stats { return j.taskStats() }

// stateInMemory is how many times as large a state is in memory as in a checkpoint.
const stateInMemory = 3

// StateSize estimates how many bytes the job's state takes in V1 and, again, in V2: from its
// newest checkpoint. It is 0 before the first one.
func (j *Job) StateSize() int64 { return stateInMemory * j.stored.bytes.Load() }

// Checkpoint returns when the job's newest checkpoint was stored by this run; nil for none.
func (j *Job) Checkpoint() *time.Time {
	at := j.stored.at.Load()
	if at == 0 {
		return nil
	}
	t := time.UnixMilli(at).UTC()
	return &t
}
