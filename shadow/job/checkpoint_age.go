package job

import (
	"log/slog"
	"sync/atomic"
	"time"

	"parallax/shadow/kafka"
)

// checkpointAge warns before Kafka deletes records that a restart from the newest checkpoint needs. The zero value, which
// knows of no checkpoint, warns of nothing.
type checkpointAge struct {
	retention kafka.Retention
	// stored is when the newest checkpoint was, in ms since 1970; 0 for none.
	stored atomic.Int64
	// warned is the one that was warned of.
	warned int64
}

// begin prepares to store the states of a task that is open.
func (c *checkpoints) begin(task *kafka.Task) {
	c.place, c.age.retention = task.Place, task.SourceRetention()
	c.age.warn(c.log, time.Now())
}

// warn logs, once for each checkpoint, that it is older than half the retention of a topic. It is called by one
// goroutine.
func (a *checkpointAge) warn(log *slog.Logger, now time.Time) {
	stored := a.stored.Load()
	if stored == 0 || a.retention.Keeps == 0 || stored == a.warned {
		return
	}
	age := now.Sub(time.UnixMilli(stored))
	if age < a.retention.Keeps/2 {
		return
	}
	a.warned = stored
	log.Warn("the newest checkpoint is older than half the retention of a topic that the job reads: once Kafka has deleted the records after it, the job cannot continue from it",
		"age", age.Round(time.Second), "topic", a.retention.Topic, "retention.ms", a.retention.Keeps.Milliseconds(),
		"what to do", "see why no newer checkpoint is stored (parallax_checkpoint_failures_total), make state.interval shorter, or raise the topic's retention.ms")
}
