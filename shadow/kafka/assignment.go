package kafka

import (
	"context"
	"fmt"
	"time"
)

// patience is how long the wait for the group's assignment may take before it is logged.
const patience = 3 * time.Second

// awaitAssignment waits until the group gave this instance the topic-partitions, and logs
// that it waits.
func (t *Task) awaitAssignment(ctx context.Context) error {
	begun, next := time.Now(), patience
	logged := false
	timer := time.NewTimer(next)
	defer timer.Stop()
	for {
		select {
		case <-t.assigned:
			if logged {
				t.log.Warn("the group gave the topic-partitions to this instance; it goes on", "group", t.cfg.Group, "after", time.Since(begun).Round(time.Millisecond))
			}
			return nil
		case <-ctx.Done():
			return &stoppedError{fmt.Sprintf("the job was stopped before the consumer group %s gave it the topic-partitions", t.cfg.Group), ctx.Err()}
		case <-timer.C:
			t.log.Warn("waiting for the consumer group's assignment: another instance of the job has the topic-partitions, or was ended without leaving the group; this one goes on when it stops",
				"group", t.cfg.Group, "for", time.Since(begun).Round(time.Second))
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
