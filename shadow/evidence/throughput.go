package evidence

// Throughput compares the speeds of the two paths over the batches that both
// finished. A path's time runs from the decoded batch to its typed changelog:
// decoding is shared, and encoding is V1's sink's.
type Throughput struct {
	Paths
	// Contended is how the paths did side by side, in the run itself; Isolated
	// how they did one at a time, nil where that was not asked for.
	Contended Ratio
	Isolated  *Ratio
	// Censored are the batches that V2 was given up on.
	Censored Censored
	Tax      Tax
	// Decoded is how many records were decoded in a second, Encoded how many rows were
	// encoded by V1's sink.
	Decoded, Encoded Figure
}

// Judged is the ratio by which V2's speed is judged, and its kind: how the paths did one
// at a time where that was measured, else side by side.
func (t *Throughput) Judged() (kind string, r Ratio) {
	if t.Isolated != nil {
		return "isolated", *t.Isolated
	}
	return "contended", t.Contended
}

// Paths are the two paths' own figures.
type Paths struct {
	V1 Path `json:"v1"`
	V2 Path `json:"v2"`
}

// Path is one path's figures. All are 0 where there is nothing to tell.
type Path struct {
	// RecordsPerSecond is the sum of records over the sum of service times.
	RecordsPerSecond Figure `json:"-"`
	// Rows came out.
	Rows int64 `json:"rows"`
	// BusyPerMillion is how many seconds the path's engines were busy for a
	// million records: V1's service time, the sum over V2's partitions.
	BusyPerMillion Figure `json:"busy_s_per_million_records"`
	// Service is a batch's time in the path; FetchToDone the time from when the
	// oldest of its records was fetched to when the path had its changelog.
	Service     Quantiles `json:"service_ms"`
	FetchToDone Quantiles `json:"fetch_to_done_ms"`
}

// Quantiles are of times per batch, to three digits. AtLeast says that batches
// are among them that V2 was given up on, with the time that they had had: the
// figures are then too small rather than too large.
type Quantiles struct {
	P50     Duration `json:"p50"`
	P95     Duration `json:"p95"`
	P99     Duration `json:"p99"`
	P999    Duration `json:"p99_9"`
	AtLeast bool     `json:"at_least"`
}

// Ratio is V2's speed over V1's, paired by batch. Where it is not comparable
// there is no figure, and Why says why.
type Ratio struct {
	// Value is the ratio of sums, CI95 its 95 % interval, which is not known where the
	// pairs are too few for one (see estimate.FewestPairs).
	Value Figure   `json:"ratio"`
	CI95  Interval `json:"ci95"`
	// Median is the median of the pairs' own ratios.
	Median     Figure `json:"median_ratio"`
	Comparable bool   `json:"comparable"`
	Why        string `json:"not_comparable"`
	// Batches were timed on both paths, and make so many Pairs of times: as many
	// side by side, one for two turns over all of them one at a time.
	Batches int `json:"batches"`
	Pairs   int `json:"pairs"`
}

// Censored counts the batches of which only is known that V2 took longer than
// they were given: those that it was shed with or without ever getting them, and
// those that it had when it missed its deadline. They are in no ratio, since
// they have no time, but never dropped: each is counted, and the time that it
// had had is among V2's service times.
type Censored struct {
	Batches int64 `json:"batches"`
	Records int64 `json:"records"`
	// Waited is the longest time that one of them had had when V2 was given up.
	Waited Duration `json:"waited_ms"`
}

// Tax is what V2's presence costs V1: how much longer V1 takes for a record
// of a typical batch with V2 running than with V2 held. It is measured over a random
// few of the run's own batches, so that only V2 distinguishes the two kinds.
//
// Value, CI95 and P99 are nil while it is not known.
type Tax struct {
	// Value is 0.05 where V1 takes 5 % longer, CI95 its 95 % interval.
	Value *float64
	CI95  *[2]float64
	// Pairs is how many pairs of a held and a running batch the value rests on.
	Pairs int
	// Held counts the batches that V1 processed while V2 was held, Running the
	// others.
	Held, Running int64
	// P99 is how V1's slowest batches did: the value is of a typical one.
	P99 *TaxP99
}

// TaxP99 are the 99 % quantiles of V1's time for a record, in µs, over the batches
// with V2 running and with V2 held.
type TaxP99 struct {
	Running float64 `json:"running"`
	Held    float64 `json:"held"`
}
