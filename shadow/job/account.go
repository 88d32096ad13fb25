package job

import (
	"strings"
	"time"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
)

// Report is what the job has shown so far, and what that is worth; once it has ended, what
// Run returned. It is nil before the job has begun. Any goroutine may ask at any time.
func (j *Job) Report() *Result {
	if ended := j.ended.Load(); ended != nil {
		return ended
	}
	r := j.running.Load()
	if r == nil {
		return nil
	}
	rep := r.runner.Report()
	j.account(&rep, r.started, r.task.Progress(), r.task)
	result := j.Judge(rep, r.task.Stats(), nil)
	return &result
}

// verdictSoFar is what a status line says beside.
func (j *Job) verdictSoFar(rep evidence.Report) []any {
	return []any{"verdict so far", string(j.Judge(rep, j.taskStats(), nil).Verdict.State)}
}

// taskStats are the counts of the task, all 0 before there is one.
func (j *Job) taskStats() kafka.Stats {
	if r := j.running.Load(); r != nil {
		return r.task.Stats()
	}
	return kafka.Stats{}
}

// account adds which run it was: its version, times, offsets and what was set aside.
func (j *Job) account(rep *evidence.Report, started time.Time, p kafka.Progress, task *kafka.Task) {
	started, ended := started.UTC().Round(time.Millisecond), time.Now().UTC().Round(time.Millisecond)
	rep.Run = evidence.Run{
		Program: j.Program, Started: started, Ended: ended, Took: evidence.Duration(ended.Sub(started)), Offsets: p.Offsets,
	}
	rep.DeadLetterTopics, rep.OpenTransactions = p.DeadLetterTopics, task.OpenTransactions()
}

// Judge adds to a report what the plan and the input say, and makes the verdict. failed is
// the error of the run itself.
func (j *Job) Judge(rep evidence.Report, stats kafka.Stats, failed error) Result {
	rep.BrokerGaps, rep.RefusedRows, rep.ChangedTimestamps, rep.DeadLetters = stats.BrokerGaps, stats.TooLarge, stats.ChangedTimestamps, stats.DeadLetters
	rep.Throughput.Decoded = evidence.PerSecond(stats.Records, stats.DecodeTime)
	rep.Throughput.Encoded = evidence.PerSecond(stats.Rows, stats.EncodeTime)
	rep.WindowSize, rep.WindowGrace = j.windows()
	if failed != nil {
		rep.Broken, _, _ = strings.Cut(failed.Error(), "\n")
	}
	by := j.judging()
	return Result{
		Job: j.Name, Incarnations: 1, Evidence: rep, Policy: by.policy,
		Verdict: gate.Decide(by.policy, gate.Evidence{Report: rep, At: time.Now(), Accepted: by.accepted}),
	}
}
