package throughput

import (
	"time"

	"parallax/shadow/evidence"
)

// The paths by role. They index everything that exists for each path.
const (
	Control = iota
	Candidate
)

// PathNames are the paths' labels in metrics and profiles: the control is v1, the candidate
// v2.
var PathNames = [...]string{Control: "v1", Candidate: "v2"}

// Meter adds up the times of batches that both paths finished. The zero
// value is empty.
type Meter struct {
	records  int64
	rows     [2]int64
	service  [2]quantileMeter
	toDone   [2]quantileMeter
	times    Pairs
	censored evidence.Censored
}

// Finished is one path's work on a batch.
type Finished struct {
	Rows int
	// Took is the time from the decoded batch to its changelog, which was complete at Done.
	Took time.Duration
	Done time.Time
}

// Add adds a batch, with its number of records, that both paths finished. came is when the
// oldest of its records was fetched, zero if that is not known.
func (p *Meter) Add(records int, came time.Time, control, candidate Finished) {
	p.records += int64(records)
	for path, f := range [...]Finished{Control: control, Candidate: candidate} {
		p.rows[path] += int64(f.Rows)
		p.service[path].record(f.Took)
		if !came.IsZero() {
			p.toDone[path].record(f.Done.Sub(came))
		}
	}
	p.times.Add(control.Took, candidate.Took)
}

// Working is the sum of a path's service times.
func (p *Meter) Working(path int) time.Duration { return p.times.sum[path] }

// SpeedRatio is the candidate's speed divided by the control's so far, as a ratio of sums;
// 0 before the first batch.
func (p *Meter) SpeedRatio() float64 {
	if p.times.sum[Candidate] <= 0 {
		return 0
	}
	return p.times.sum.ratio()
}

// Report returns the measurement so far. busy is the time that the candidate's engines were
// busy; why says why the paths' speeds are not comparable, "" if they are.
func (p *Meter) Report(busy time.Duration, why string) evidence.Throughput {
	return evidence.Throughput{
		Paths:     evidence.Paths{V1: p.path(Control, p.times.sum[Control]), V2: p.path(Candidate, busy)},
		Contended: p.times.Ratio(why), Censored: p.censored,
	}
}

func (p *Meter) path(path int, busy time.Duration) evidence.Path {
	t := evidence.Path{Rows: p.rows[path], Service: p.service[path].read(), FetchToDone: p.toDone[path].read()}
	if took := p.times.sum[path]; took > 0 {
		t.RecordsPerSecond = evidence.Figure(float64(p.records) / took.Seconds())
	}
	if p.records > 0 {
		t.BusyPerMillion = evidence.Figure(busy.Seconds() * 1e6 / float64(p.records))
	}
	return t
}
