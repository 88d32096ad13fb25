package throughput

import "time"

// The paths, in everything that is kept by path.
const (
	V1 = iota
	V2
)

// PathNames are the paths, as metrics and profiles label them.
var PathNames = [...]string{V1: "v1", V2: "v2"}

// Report compares the speeds of the two paths over the batches that both
// finished. A path's time runs from the decoded batch to its typed changelog:
// decoding is shared, and encoding is V1's sink's.
type Report struct {
	V1, V2 Path
	// Contended is how the paths did side by side, in the run itself; Isolated
	// how they did one at a time, nil where that was not asked for.
	Contended Ratio
	Isolated  *Ratio
	// Censored are the batches that V2 was given up on.
	Censored Censored
	Tax      Tax
}

// Path are one path's. All are 0 where there is nothing to tell.
type Path struct {
	// RecordsPerSecond is the sum of records over the sum of service times.
	RecordsPerSecond float64
	// Rows came out.
	Rows int64
	// Service is a batch's time in the path; FetchToDone the time from when the
	// oldest of its records was fetched to when the path had its changelog.
	Service, FetchToDone Quantiles
	// BusyPerMillion is how many seconds the path's engines were busy for a
	// million records: V1's service time, the sum over V2's partitions.
	BusyPerMillion float64
}

// Ratio is V2's speed over V1's, paired by batch. Where it is not comparable
// there is no figure, and Why says why.
type Ratio struct {
	Comparable bool
	Why        string
	// Value is the ratio of sums, Median the median of the pairs' own ratios.
	Value, Median float64
	// CI95 is the value's 95 % interval; it is 0 where the pairs are too few for one
	// (see estimate.FewestPairs), which HasInterval says.
	CI95        [2]float64
	HasInterval bool
	// Batches were timed on both paths, and make so many Pairs of times: as many
	// side by side, one for two turns over all of them one at a time.
	Batches, Pairs int
}

// Meter adds up the times of batches that both paths finished. The zero
// value is empty.
type Meter struct {
	records  int64
	rows     [2]int64
	service  [2]quantileMeter
	toDone   [2]quantileMeter
	times    Pairs
	censored Censored
}

// Finished is what one path made of a batch, and when.
type Finished struct {
	Rows int
	// Took is the time from the decoded batch to its changelog, which was there at Done.
	Took time.Duration
	Done time.Time
}

// Add takes a batch of so many records that both paths finished. The oldest of its
// records was fetched at came, zero where that is not known.
func (p *Meter) Add(records int, came time.Time, v1, v2 Finished) {
	p.records += int64(records)
	for path, f := range [...]Finished{V1: v1, V2: v2} {
		p.rows[path] += int64(f.Rows)
		p.service[path].record(f.Took)
		if !came.IsZero() {
			p.toDone[path].record(f.Done.Sub(came))
		}
	}
	p.times.Add(v1.Took, v2.Took)
}

// Working is the sum of a path's service times.
func (p *Meter) Working(path int) time.Duration { return p.times.sum[path] }

// SpeedRatio is V2's speed over V1's so far, the ratio of sums; 0 before any batch.
func (p *Meter) SpeedRatio() float64 {
	if p.times.sum[V2] <= 0 {
		return 0
	}
	return p.times.sum.ratio()
}

// Report sums up. busy is the time that V2's engines were busy; why says why the
// paths' speeds must not be compared, "" where they may.
func (p *Meter) Report(busy time.Duration, why string) Report {
	return Report{
		V1: p.path(V1, p.times.sum[V1]), V2: p.path(V2, busy),
		Contended: p.times.Ratio(why), Censored: p.censored,
	}
}

func (p *Meter) path(path int, busy time.Duration) Path {
	t := Path{Rows: p.rows[path], Service: p.service[path].read(), FetchToDone: p.toDone[path].read()}
	if took := p.times.sum[path]; took > 0 {
		t.RecordsPerSecond = float64(p.records) / took.Seconds()
	}
	if p.records > 0 {
		t.BusyPerMillion = busy.Seconds() * 1e6 / float64(p.records)
	}
	return t
}
