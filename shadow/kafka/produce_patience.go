package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka/cluster"
)

// producePatience limits how long the control waits for brokers that acknowledge nothing. The client would wait
// without end and without a log line.
type producePatience struct {
	log  *slog.Logger
	most time.Duration // kafka.patience
	// reach returns an error while no broker can be reached.
	reach func() error
	// acknowledged is when a broker acknowledged records for the last time, in ns.
	acknowledged atomic.Int64
}

// OnProduceBatchWritten is called by the client for each batch of records that a broker has acknowledged.
func (p *producePatience) OnProduceBatchWritten(kgo.BrokerMetadata, string, int32, kgo.ProduceBatchMetrics) {
	p.acknowledged.Store(time.Now().UnixNano())
}

// awaitBrokers calls a function that may wait for the brokers, in a context that ends with ctx and with the producer. The producer
// ends when the group revokes the topic-partitions, and when the brokers have acknowledged nothing
// for kafka.patience. A wait that takes longer than firstReport is logged.
func (p *producer) awaitBrokers(ctx context.Context, call func(context.Context) error) error {
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.alive, cancel)()
	w := &producerWait{producePatience: &p.patience, begun: time.Now(), end: p.end}
	defer w.watch()()
	err := call(calling)
	if cause := context.Cause(p.alive); cause != nil {
		return cause
	}
	return err
}

// producerWait is one call that may wait for brokers.
type producerWait struct {
	*producePatience
	begun, logged time.Time
	end           context.CancelCauseFunc
	timer         *time.Timer

	mu   sync.Mutex
	over bool
}

// watch checks the wait from time to time until stop.
func (w *producerWait) watch() (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(firstReport, w.check)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.timer.Stop()
		w.over = true
		if !w.logged.IsZero() {
			w.log.Warn("the brokers acknowledge rows again; the job continues", "after", time.Since(w.begun).Round(time.Millisecond))
		}
	}
}

// check logs the wait, or ends it.
func (w *producerWait) check() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	now := time.Now()
	silent := now.Sub(w.begun)
	if at := w.acknowledged.Load(); at > 0 {
		silent = min(silent, now.Sub(time.Unix(0, at)))
	}
	if silent >= w.most {
		w.end(fmt.Errorf("the brokers acknowledged no rows for %v: %w (%w)", silent.Round(time.Second), w.why(), errImpatient))
		return
	}
	if silent >= firstReport && now.Sub(w.logged) >= cluster.RepeatEvery {
		w.logged = now
		w.log.Warn("V1 waits for the brokers, which do not acknowledge its rows", "for", silent.Round(time.Second), "at most", w.most, "why", w.why())
	}
	w.timer.Reset(min(cluster.RepeatEvery, max(firstReport-silent, 0)+time.Second, w.most-silent))
}

// errSilent says that brokers can be reached and the reason of their silence is not known.
var errSilent = errors.New("they can be reached; fewer replicas of an output topic may be in sync than its min.insync.replicas, or a transaction waits")

// why returns the likely reason of the wait.
func (w *producerWait) why() error {
	if err := w.reach(); err != nil {
		return err
	}
	return errSilent
}
