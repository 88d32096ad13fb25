package evidence

// Candidate describes V2 and the work of its partitions.
type Candidate struct {
	// Partitions are the sums over all V2s of the run.
	Partitions []Partition `json:"partitions"`
	// Strategy is how the last V2 routes records.
	Strategy string `json:"strategy"`
	// Skew is the largest partition's records divided by the mean, for the last V2: 1 if
	// all have the same number, 0 if there are none.
	Skew     Figure   `json:"skew"`
	Pressure Pressure `json:"backpressure"`
	// Holes are the periods without a V2, Reseeds how often one returned. HoleCount is the
	// number of holes, which may be larger than the list.
	Reseeds   int64  `json:"reseeds"`
	HoleCount int64  `json:"hole_count"`
	Holes     []Hole `json:"holes"`
	// Processor is the configuration string of the last V2. Implementation is the
	// implementation's own name: "V2", unless the job selects another processor.
	Processor      string `json:"processor"`
	Implementation string `json:"-"`
	// State says whether a V2 is running.
	State string `json:"-"`
	// Rescales is how often a running V2 was replaced by one with another number of
	// partitions.
	Rescales int64 `json:"rescales"`
	// Routing is how V2 routes each stage of each query.
	Routing []Routing `json:"routing"`
}

// Processed is how many records V2's partitions have processed.
func (c *Candidate) Processed() (n int64) {
	for _, p := range c.Partitions {
		n += p.Records
	}
	return n
}

// Partition is the work of one of V2's partitions.
type Partition struct {
	// Records is the number of processed records; Keys is the largest number of groups
	// after a batch.
	Records int64 `json:"records"`
	Keys    int64 `json:"keys"`
	// Busy is the time spent in the partition's engine.
	Busy Duration `json:"busy_ms"`
	// MostQueued is the most records that were seen to wait for it.
	MostQueued int64 `json:"queue"`
	// RecordsPerSecond is relative to V2's service time, which includes all its partitions,
	// and not to the time that this partition was busy.
	RecordsPerSecond float64 `json:"records_per_s"`
}

// Routing is how V2 routes the records of one stage of a query, and why.
type Routing struct {
	// Query is the stage's name, Output the query's name, and Index the query's index in
	// the job.
	Query  string `json:"query"`
	Output string `json:"-"`
	Index  int    `json:"-"`
	// Strategy is the strategy's name. Forced: it splits the query's state and was forced.
	Strategy string `json:"strategy"`
	Forced   bool   `json:"forced"`
	Why      string `json:"why"`
	// Unsplittable says why the stage's state must stay on one partition, "" if it can be
	// split.
	Unsplittable string `json:"-"`
	// Records are the numbers of records that each partition processed.
	Records []int64 `json:"records"`
}

// Pressure summarises the pressure on V2.
type Pressure struct {
	// Worst is the worst state that was observed, Throttled the time that the source was
	// delayed.
	Worst     PressureState `json:"state_max"`
	Throttled Duration      `json:"throttled_ms"`
}
