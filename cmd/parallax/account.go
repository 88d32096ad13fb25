package main

import (
	"time"

	"parallax/reports"
	"parallax/shadow/kafka"
)

// account says which run it was: its version, times, offsets and policy.
func (j *job) account(task *kafka.Task, stats kafka.Stats, started time.Time) reports.Run {
	started, ended := started.UTC().Round(time.Millisecond), time.Now().UTC().Round(time.Millisecond)
	r := reports.Run{
		Version: version, Commit: builtFrom(), Started: started, Ended: ended, DurationMS: ms(ended.Sub(started)),
		Policy:      reports.Policy{RequireLevel: j.require, Policy: j.policy},
		DeadLetters: stats.DeadLetters, DeadLetterTopics: task.DeadLetterTopics(),
	}
	for _, p := range task.Processed() {
		if p.To > p.From {
			r.Offsets = append(r.Offsets, reports.OffsetRange{Topic: p.Topic, Partition: p.Partition, From: p.From, To: p.To - 1})
		}
	}
	for _, u := range task.OpenTransactions() {
		r.OpenTransactions = append(r.OpenTransactions, reports.OpenTransaction{Topic: u.Topic, Partition: u.Partition, LastStable: u.LastStable, End: u.End})
	}
	return r
}
