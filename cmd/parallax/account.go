package main

import (
	"time"

	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
)

// account says which run it was: its version, times, offsets and what was set aside.
func (j *job) account(rep *evidence.Report, task *kafka.Task, started time.Time) {
	started, ended := started.UTC().Round(time.Millisecond), time.Now().UTC().Round(time.Millisecond)
	rep.Run = evidence.Run{
		Program: evidence.Program{Version: version, Commit: builtFrom()},
		Started: started, Ended: ended, Took: evidence.Duration(ended.Sub(started)), Offsets: task.Processed(),
	}
	rep.DeadLetterTopics, rep.OpenTransactions = task.DeadLetterTopics(), task.OpenTransactions()
}
