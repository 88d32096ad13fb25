package kafka

import (
	"context"
	"fmt"
	"time"
)

// patience is how long the wait for the consumer group's assignment may take before it is logged.
const patience = 3 * time.Second

// awaitAssignment waits until the group gave this instance the topic-partitions, and logs
// that it waits.
func (m *member) awaitAssignment(ctx context.Context) error {
	begun, next := time.Now(), patience
	logged := false
	timer := time.NewTimer(next)
	defer timer.Stop()
	for {
		select {
		case <-m.assigned:
			if logged {
				m.log.Warn("the consumer group assigned the topic-partitions to this instance; the job continues", "group", m.group, "after", time.Since(begun).Round(time.Millisecond))
			}
			return nil
		case <-ctx.Done():
			return &stoppedError{fmt.Sprintf("the job was stopped before the consumer group %s assigned it the topic-partitions", m.group), ctx.Err()}
		case <-timer.C:
			m.log.Warn("waiting for the consumer group's assignment: another instance of the job has the topic-partitions, or ended without leaving the group; this instance continues when it gets them",
				"group", m.group, "for", time.Since(begun).Round(time.Second))
			logged = true
			timer.Reset(repeatEvery)
		}
	}
}

// stoppedError is that the context of a wait ended, in words.
type stoppedError struct {
	text  string
	cause error
}

func (e *stoppedError) Error() string { return e.text }
func (e *stoppedError) Unwrap() error { return e.cause }
