package kafka

import (
	"context"
	"fmt"
	"time"

	"parallax/shadow/kafka/cluster"
)

// awaitAssignment waits until the group assigns the topic-partitions to this instance, and logs
// what it waits for. It waits for another instance without a limit, and for brokers that do not
// answer for kafka.patience.
func (m *member) awaitAssignment(ctx context.Context) error {
	begun := time.Now()
	answered := begun
	logged := false
	timer := time.NewTimer(firstReport)
	defer timer.Stop()
	probed := make(chan error, 1)
	for {
		select {
		case <-m.assigned:
			if logged {
				m.log.Warn("the consumer group assigned the topic-partitions to this instance; the job continues", "group", m.group, "after", time.Since(begun).Round(time.Millisecond))
			}
			return nil
		case <-ctx.Done():
			return &stoppedError{fmt.Sprintf("the job was stopped before the consumer group %s assigned it the topic-partitions", m.group), ctx.Err()}
		case err := <-m.forbidden:
			return fmt.Errorf("join consumer group %s: %w", m.group, m.lackingOfGroup(err))
		case <-timer.C:
			go func() { probed <- m.probe(ctx) }()
		case err := <-probed:
			timer.Reset(cluster.RepeatEvery)
			if err == nil {
				answered = time.Now()
				m.log.Warn("waiting for the consumer group's assignment: another instance of the job has the topic-partitions, or ended without leaving the group; this instance continues when it gets them",
					"group", m.group, "for", time.Since(begun).Round(time.Second))
				logged = true
				continue
			}
			silent := time.Since(answered)
			if silent >= m.patience {
				return fmt.Errorf("join consumer group %s: %w", m.group, m.NotReached(err))
			}
			m.log.Warn("waiting for the brokers, to join the consumer group", "group", m.group, "for", silent.Round(time.Second), "error", err)
			logged = true
		}
	}
}

// groupErrors gets the errors after which the client leaves the group and joins it again.
type groupErrors struct{ m *member }

// OnGroupManageError is called by the client library.
func (g groupErrors) OnGroupManageError(err error) {
	if !cluster.IsUnauthorized(err) {
		return // it may pass
	}
	select {
	case g.m.forbidden <- err:
	default:
	}
}

// probe returns an error if no broker answers.
func (m *member) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return m.Ping(ctx)
}

// stoppedError says in words that the context of a wait ended.
type stoppedError struct {
	text  string
	cause error
}

func (e *stoppedError) Error() string { return e.text }
func (e *stoppedError) Unwrap() error { return e.cause }
