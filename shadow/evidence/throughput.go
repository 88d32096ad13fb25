package evidence

// Throughput compares the speeds of the two paths over the batches that both finished. A
// path's time runs from the decoded batch to its typed changelog. Both paths share
// decoding, and only V1's rows are encoded.
type Throughput struct {
	Paths
	// Contended compares the paths while they ran concurrently, in the run itself; Isolated
	// compares them one at a time, nil if that was not requested.
	Contended Ratio
	Isolated  *Ratio
	// Censored are the batches for which V2 was abandoned.
	Censored Censored
	Tax      Tax
	// Decoded is the number of records decoded per second, Encoded the number of rows
	// encoded per second for V1's sink.
	Decoded, Encoded Figure
}

// Judged returns the ratio by which V2's speed is judged, with its kind: isolated if it was
// measured, else contended.
func (t *Throughput) Judged() (kind string, r Ratio) {
	if t.Isolated != nil {
		return "isolated", *t.Isolated
	}
	return "contended", t.Contended
}

// Paths are the figures of the two paths.
type Paths struct {
	V1 Path `json:"v1"`
	V2 Path `json:"v2"`
}

// Path contains one path's figures. All are 0 if there are none.
type Path struct {
	// RecordsPerSecond is the sum of records over the sum of service times.
	RecordsPerSecond Figure `json:"-"`
	// Rows is the number of output rows.
	Rows int64 `json:"rows"`
	// BusyPerMillion is how many seconds the path's engines were busy for a million
	// records: V1's service time, or the sum over V2's partitions.
	BusyPerMillion Figure `json:"busy_s_per_million_records"`
	// Service is a batch's time in the path; FetchToDone the time from when the
	// oldest of its records was fetched to when the path had its changelog.
	Service     Quantiles `json:"service_ms"`
	FetchToDone Quantiles `json:"fetch_to_done_ms"`
}

// Quantiles are quantiles of times per batch, to three digits. AtLeast: they include
// batches for which V2 was abandoned, with the time that had passed, so that the true
// figures may be larger.
type Quantiles struct {
	P50     Duration `json:"p50"`
	P95     Duration `json:"p95"`
	P99     Duration `json:"p99"`
	P999    Duration `json:"p99_9"`
	AtLeast bool     `json:"at_least"`
}

// Ratio is V2's speed divided by V1's, paired by batch. If the speeds are not comparable
// there is no figure, and Why says why.
type Ratio struct {
	// Value is the ratio of sums. CI95 is its 95 % interval, unknown if there are too few
	// pairs (see estimate.FewestPairs).
	Value Figure   `json:"ratio"`
	CI95  Interval `json:"ci95"`
	// Median is the median of the pairs' ratios.
	Median     Figure `json:"median_ratio"`
	Comparable bool   `json:"comparable"`
	Why        string `json:"not_comparable"`
	// Batches is the number of batches timed on both paths, Pairs the number of pairs of
	// times: one for each batch when the paths run concurrently, one for two turns over all
	// batches when they run one at a time.
	Batches int `json:"batches"`
	Pairs   int `json:"pairs"`
}

// Censored counts the batches for which V2 was abandoned: those waiting for it or in
// progress when it was shed, and those in progress when it missed its deadline. Their times
// are unknown, so they are in no ratio, but they are never dropped: each is counted, and
// the time that had passed is included in V2's service times.
type Censored struct {
	Batches int64 `json:"batches"`
	Records int64 `json:"records"`
	// Waited is the longest time that had passed for one of them.
	Waited Duration `json:"waited_ms"`
}

// Tax is how much V2 slows V1 down: how much longer V1 takes for a record of a typical
// batch with V2 running than with V2 held. It is measured over a few random batches of the
// run, so that the two kinds of batches differ only in V2.
//
// Value, CI95 and P99 are nil while they are not known.
type Tax struct {
	// Value is 0.05 if V1 takes 5 % longer; CI95 is its 95 % interval.
	Value *float64
	CI95  *[2]float64
	// Pairs is the number of pairs of a held and a running batch behind the value.
	Pairs int
	// Held counts the batches that V1 processed while V2 was held, Running the others.
	Held, Running int64
	// P99 compares V1's slowest batches; Value is about typical ones.
	P99 *TaxP99
}

// TaxP99 are the 99 % quantiles of V1's time for a record, in µs, over the batches with V2
// running and with V2 held.
type TaxP99 struct {
	Running float64 `json:"running"`
	Held    float64 `json:"held"`
}
