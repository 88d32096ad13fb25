package shadow

import (
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/throughput"
)

// candidateOptions are what the run's candidates are given.
func (r *Runner) candidateOptions() candidate.Options {
	return candidate.Options{
		Config: r.job.Config.Candidate, Handover: r.handover(throughput.Candidate), Listener: listener{r}, Comparison: r.comparer,
		Heap: r.job.Heap, Held: r.job.Held, Log: r.job.Log, Redact: r.job.errorText(),
	}
}

// listener tells the comparison and the metrics what becomes of a candidate.
type listener struct{ r *Runner }

func (l listener) Queued(n int) { l.r.job.Metrics.Queued(n) }

func (l listener) Finished(f candidate.Finished) {
	l.r.job.Metrics.Processed(throughput.Candidate, f.Outcome, f.Took)
	l.r.comparer.takeCandidate(finished{outcome: f.Outcome, took: f.Took, done: f.Done, sum: f.Sum, by: f.By})
}

func (l listener) Detached(d candidate.Detachment) {
	l.r.job.Metrics.Detached()
	l.r.comparer.detached(d)
}

func (l listener) Returned() {
	l.r.job.Metrics.Reseeded()
	l.r.comparer.reseeded()
}

func (l listener) DidNotReturn(first int64) {
	l.r.job.Metrics.NotReseeded()
	l.r.comparer.reopen(first)
}

func (l listener) Broken(err error) {
	err = guard.Redacted(err, l.r.job.errorText())
	l.r.job.Log.Error("Parallax itself failed", "error", err)
	l.r.comparer.fail(err)
}
