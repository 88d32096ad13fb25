package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parallax/shadow/guard"
	"parallax/shadow/kafka"
	"parallax/shadow/kafka/cluster"
)

// away decides whether a job that lost its brokers, or its topic-partitions, continues: with
// pauses that grow, for as long as kafka.patience since it last got on.
type away struct {
	job   *Job
	ready *readiness
	log   *slog.Logger
	since time.Time // when it last got on
	pause time.Duration
	last  *running // the incarnation before, whose progress has been counted
	// hadBrokers says that brokers were reached at some time.
	hadBrokers bool
}

const (
	firstPause = 100 * time.Millisecond
	mostPause  = 10 * time.Second
)

func newAway(j *Job, ready *readiness) *away {
	return &away{job: j, ready: ready, log: j.Log, since: time.Now(), pause: firstPause}
}

// continues waits and reports whether the job is to begin another incarnation after an error.
func (a *away) continues(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil || a.job.Feed != nil || !kafka.MayPass(err) {
		return false
	}
	a.hadBrokers = a.hadBrokers || a.job.running.Load() != nil || !errors.Is(err, cluster.ErrNotReached)
	if !a.hadBrokers && !a.job.AwaitBrokers {
		return false // their addresses may be wrong
	}
	if a.progressed() {
		a.since, a.pause = time.Now(), firstPause
	}
	waited := time.Since(a.since)
	if waited >= a.job.Kafka.Patience {
		a.log.Error("the job ends: it has waited for as long as kafka.patience", "patience", a.job.Kafka.Patience, "error", guard.FirstLine(err))
		return false
	}
	left := a.job.Kafka.Patience - waited
	a.pause = min(a.pause, left)
	said := "no broker can be reached; the job waits, and starts when one can be"
	if a.hadBrokers {
		a.job.restarts.Add(1)
		said = "the job lost its brokers or its topic-partitions; it waits, and continues from its last checkpoint"
	}
	a.log.Warn(said, "error", guard.FirstLine(err), "again in", a.pause, "for at most", left.Round(time.Second))
	a.ready.waits(err)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(a.pause):
	}
	a.pause = min(2*a.pause, mostPause)
	return true
}

// readiness is what /readyz says of the job. The zero value waits for the assignment. It is
// safe for concurrent use.
type readiness struct {
	mu   sync.Mutex
	task *kafka.Task
	why  error
}

// has says that the job has its task.
func (r *readiness) has(task *kafka.Task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.task, r.why = task, nil
}

// waits says that the job lost its task, and why.
func (r *readiness) waits(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.task, r.why = nil, why
}

// check returns why the job is not ready.
func (r *readiness) check() error {
	r.mu.Lock()
	task, why := r.task, r.why
	r.mu.Unlock()
	switch {
	case task != nil:
		return task.Ready()
	case why != nil:
		return fmt.Errorf("waiting for the brokers or the consumer group: %s", guard.FirstLine(why))
	}
	return ErrNoAssignment
}

// ErrNoAssignment says that the job has no topic-partitions: the consumer group is still being
// formed, or another instance has them all.
var ErrNoAssignment = errors.New("waiting for the consumer group's assignment")

// progressed reports whether the job has begun another incarnation since it was last asked, and
// that committed anything.
func (a *away) progressed() bool {
	r := a.job.running.Load()
	isNew := r != a.last
	a.last = r
	return isNew && r.task.Stats().Committed > 0
}
