package job

import (
	"strings"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
)

// account adds which run it was: its version, times, offsets and what was set aside.
func (j *Job) account(rep *evidence.Report, task *kafka.Task, started time.Time) {
	started, ended := started.UTC().Round(time.Millisecond), time.Now().UTC().Round(time.Millisecond)
	rep.Run = evidence.Run{
		Program: j.Program, Started: started, Ended: ended, Took: evidence.Duration(ended.Sub(started)), Offsets: task.Processed(),
	}
	rep.DeadLetterTopics, rep.OpenTransactions = task.DeadLetterTopics(), task.OpenTransactions()
}

// Judge adds to a report what the plan and the input say, and makes the verdict. failed is
// the error of the run itself.
func (j *Job) Judge(rep evidence.Report, stats kafka.Stats, failed error) Result {
	rep.BrokerGaps, rep.RefusedRows, rep.ChangedTimestamps, rep.DeadLetters = stats.BrokerGaps, stats.TooLarge, stats.ChangedTimestamps, stats.DeadLetters
	rep.Throughput.Decoded = evidence.PerSecond(stats.Records, stats.DecodeTime)
	rep.Throughput.Encoded = evidence.PerSecond(stats.Rows, stats.EncodeTime)
	for _, q := range j.Plan.Queries {
		if a := q.Logical.Aggregation; a != nil && a.Window != nil {
			rep.WindowSize, rep.WindowGrace = max(rep.WindowSize, a.Window.Size), max(rep.WindowGrace, a.Window.Grace)
		}
	}
	if failed != nil {
		rep.Broken, _, _ = strings.Cut(failed.Error(), "\n")
	}
	return Result{
		Job: j.Name, Evidence: rep, Policy: j.Policy,
		Verdict: gate.Decide(j.Policy, gate.Evidence{Report: rep, At: time.Now()}),
	}
}
