package shadow

import (
	"fmt"
	"slices"
	"time"

	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
	"parallax/shadow/throughput"
)

// Several V2s may take part in a run, one after the other. Its counts are those
// of all of them. The runner's goroutine alone puts another one in place, so it
// may look at the candidate as it is; others ask present.

// keptFormer is from how many former candidates on they are added up.
const keptFormer = 16

// succeed makes another candidate the one that is offered batches.
func (r *Runner) succeed(c *candidate.Candidate) {
	r.seat.Lock()
	defer r.seat.Unlock()
	if r.candidate != nil { // not in a run that began without one
		r.former = append(r.former, r.candidate)
	}
	r.candidate = c
	if len(r.former) > keptFormer {
		left := r.former[:0:0]
		for _, f := range r.former {
			if f.State() == candidate.Ended { // so it is asked nothing
				r.formerWork = addWork(r.formerWork, f.Partitions())
				r.formerTaken = addTaken(r.formerTaken, f.Describe())
				r.formerAge = max(r.formerAge, f.OldestAge())
			} else {
				left = append(left, f)
			}
		}
		r.former = left
	}
}

// present is the candidate of now, for any goroutine.
func (r *Runner) present() *candidate.Candidate {
	r.seat.Lock()
	defer r.seat.Unlock()
	return r.candidate
}

// workDone is the counts of all V2s so far, by partition. Any goroutine may ask.
func (r *Runner) workDone() []processors.PartitionStats {
	r.seat.Lock()
	sum := addWork(nil, r.formerWork)
	all := append(slices.Clone(r.former), r.candidate)
	r.seat.Unlock()
	for _, c := range all { // without the lock: a candidate that hangs is waited for
		sum = addWork(sum, c.Partitions())
	}
	return sum
}

// skew is that of the candidate of now; of the last one that did anything, where it has
// done nothing yet. Those before it may have had other partitions.
func (r *Runner) skew() float64 {
	r.seat.Lock()
	all := append(slices.Clone(r.former), r.candidate)
	r.seat.Unlock()
	for _, c := range slices.Backward(all) {
		if s := throughput.Skew(c.Partitions()); s > 0 {
			return s
		}
	}
	return 0
}

// oldestAge is the largest age that an unfinished batch of any candidate had (see
// candidate.OldestAge).
func (r *Runner) oldestAge() time.Duration {
	r.seat.Lock()
	defer r.seat.Unlock()
	oldest := max(r.formerAge, r.candidate.OldestAge())
	for _, f := range r.former {
		oldest = max(oldest, f.OldestAge())
	}
	return oldest
}

// addWork adds what another candidate's partitions did. What is a state and not a
// count is the other one's: it came later.
func addWork(sum, stats []processors.PartitionStats) []processors.PartitionStats {
	for i, s := range stats {
		if i == len(sum) {
			sum = append(sum, processors.PartitionStats{})
		}
		sum[i].Records += s.Records
		sum[i].BusyNanos += s.BusyNanos
		sum[i].Keys = max(sum[i].Keys, s.Keys)
		sum[i].Queue, sum[i].QueuedRecords, sum[i].Pinned = s.Queue, s.QueuedRecords, s.Pinned
	}
	return sum
}

// describeCandidate is what the last candidate that was there said of itself, with the records that the
// partitions of all V2s have taken. Any goroutine may ask.
func (r *Runner) describeCandidate() processors.Description {
	r.seat.Lock()
	present, all, taken := r.candidate, slices.Clone(r.former), r.formerTaken
	r.seat.Unlock()
	d := present.Describe() // without the lock: a candidate that hangs is waited for
	for _, f := range slices.Backward(all) {
		former := f.Describe()
		if d.Name == "" {
			d = former
			continue
		}
		taken = addTaken(taken, former)
	}
	d.Routing = slices.Clone(d.Routing)
	for i, sum := range addTaken(taken, d) {
		d.Routing[i].Records = sum
	}
	return d
}

// addTaken adds the records that the partitions of another candidate have taken, by stage.
func addTaken(sum [][]int64, d processors.Description) [][]int64 {
	sum = slices.Clone(sum)
	for i, r := range d.Routing {
		if i == len(sum) {
			sum = append(sum, nil)
		}
		stage := slices.Clone(sum[i])
		for p, n := range r.Records {
			if p == len(stage) {
				stage = append(stage, 0)
			}
			stage[p] += n
		}
		sum[i] = stage
	}
	return sum
}

// leftBehind counts the detached V2s that still run, and those of them that are
// abandoned: they were given the candidate's deadline to end after they were detached, and did
// not. Any goroutine may ask.
func (r *Runner) leftBehind() (running, abandoned int) {
	r.seat.Lock()
	all := append(slices.Clone(r.former), r.candidate)
	r.seat.Unlock()
	for _, c := range all {
		if c.State() != candidate.Detached {
			continue
		}
		running++
		if time.Since(c.Detachment().At) >= r.job.Config.Candidate.Deadline {
			abandoned++
		}
	}
	return running, abandoned
}

// hasRoomForAnother reports whether fewer V2s than v2.max_abandoned still run after
// they were detached. Otherwise another one waits, as some may end yet. Once so many
// are abandoned, none comes back in this run.
func (r *Runner) hasRoomForAnother() bool {
	limit := r.job.Config.Candidate.MaxAbandoned
	running, abandoned := r.leftBehind()
	if abandoned >= limit {
		r.candidate.StayAway()
		why := fmt.Sprintf("V2 stays away until the job restarts: %d V2s were detached and still run with the memory that they hold (v2.max_abandoned: %d)", abandoned, limit)
		r.comparer.staysAway(why)
		r.job.Log.Warn(why, "what to do", "find why V2 hangs or does not close, correct it, and restart the job")
	}
	return running < limit
}

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
