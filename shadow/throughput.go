package shadow

import "time"

// Throughput compares the speeds of the two paths over the batches that both
// finished. A path's time runs from the decoded batch to its typed changelog:
// decoding is shared, and encoding is V1's sink's.
type Throughput struct {
	V1, V2 PathTimes
	// Contended is how the paths did side by side, in the run itself; Isolated
	// how they did one at a time, nil where that was not asked for.
	Contended Ratio
	Isolated  *Ratio
	// Censored are the batches that V2 was given up on.
	Censored Censored
	Tax      ShadowTax
}

// PathTimes are one path's. All are 0 where there is nothing to tell.
type PathTimes struct {
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

// pairedTimes adds up the times of batches that both paths finished. The zero
// value is empty.
type pairedTimes struct {
	records  int64
	rows     [2]int64
	service  [2]quantiles
	toDone   [2]quantiles
	times    pairSums
	censored Censored
}

// add takes a batch that both paths finished. When its records came is known
// from v1.
func (p *pairedTimes) add(v1, v2 finished) {
	p.records += int64(v1.outcome.Batch.Len())
	for path, f := range [...]finished{pathV1: v1, pathV2: v2} {
		p.rows[path] += int64(len(f.outcome.Changes))
		p.service[path].record(f.took)
		if !v1.came.IsZero() {
			p.toDone[path].record(f.done.Sub(v1.came))
		}
	}
	p.times.add(v1.took, v2.took)
}

// throughput sums up. busy is the time that V2's engines were busy; why says why
// the paths' speeds must not be compared, "" where they may.
func (p *pairedTimes) throughput(busy time.Duration, why string) Throughput {
	return Throughput{
		V1: p.path(pathV1, p.times.sum[pathV1]), V2: p.path(pathV2, busy),
		Contended: p.times.ratio(why), Censored: p.censored,
	}
}

func (p *pairedTimes) path(path int, busy time.Duration) PathTimes {
	t := PathTimes{Rows: p.rows[path], Service: p.service[path].read(), FetchToDone: p.toDone[path].read()}
	if took := p.times.sum[path]; took > 0 {
		t.RecordsPerSecond = float64(p.records) / took.Seconds()
	}
	if p.records > 0 {
		t.BusyPerMillion = busy.Seconds() * 1e6 / float64(p.records)
	}
	return t
}

// whyNotComparable says why nobody may be told which of the two paths is
// faster; "" where one may be.
func whyNotComparable(rep *Report) string {
	switch {
	case rep.V2Off:
		return "V2 is off"
	case rep.Broken != nil:
		return "the comparison of the outputs failed"
	case rep.Diff.Roots() > 0:
		return "the outputs differ"
	case rep.Detached != "":
		return "V2 was detached"
	case rep.Sampled:
		return "V2 was given some of the keys only"
	case processed(rep.Partitions) < rep.Ledger.Compared+rep.Ledger.Filtered:
		return "V2's partitions did not process what was compared"
	}
	return ""
}

func processed(partitions []PartitionReport) (n int64) {
	for _, p := range partitions {
		n += p.Records
	}
	return n
}

// busyTime is how long V2's engines were busy, over all partitions.
func busyTime(partitions []PartitionReport) (d time.Duration) {
	for _, p := range partitions {
		d += time.Duration(p.BusyNanos)
	}
	return d
}
