package jobs

import "time"

const (
	// firstWait is how long a job that failed waits before it starts again. The wait doubles
	// with each failure, up to mostWait.
	firstWait = time.Second
	mostWait  = 5 * time.Minute
	// settled is how long a job must have run for its next failure to count as a first one.
	settled = 10 * time.Minute
	// restartPeriod is the time in which restarts are counted.
	restartPeriod = time.Hour
)

// restarts says when a job that failed starts again. The zero value allows none.
type restarts struct {
	// most is how many there may be in restartPeriod.
	most int
	at   []time.Time
	wait time.Duration
}

// failed takes a failure of a run that lasted for ran. It returns how long to wait before the
// next run; false if there is to be none.
func (r *restarts) failed(now time.Time, ran time.Duration) (wait time.Duration, isAllowed bool) {
	if r.count(now) >= r.most {
		return 0, false
	}
	if r.wait == 0 || ran >= settled {
		r.wait = firstWait
	} else {
		r.wait = min(2*r.wait, mostWait)
	}
	r.at = append(r.at, now)
	return r.wait, true
}

// count returns how many restarts there were in the last hour.
func (r *restarts) count(now time.Time) int {
	for len(r.at) > 0 && now.Sub(r.at[0]) >= restartPeriod {
		r.at = r.at[1:]
	}
	return len(r.at)
}

// forget makes the next failure a first one: a person has restarted the job.
func (r *restarts) forget() { r.at, r.wait = nil, 0 }
