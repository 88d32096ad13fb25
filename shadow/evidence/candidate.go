package evidence

// Candidate says what V2 was and what its partitions did.
type Candidate struct {
	// Partitions are those of all V2s of the run together.
	Partitions []Partition `json:"partitions"`
	// Strategy is how V2 routes records, of the last V2.
	Strategy string `json:"strategy"`
	// Skew is the largest partition's records over the mean, of the last V2: 1 where
	// all have the same, 0 where there are none.
	Skew     Figure   `json:"skew"`
	Pressure Pressure `json:"backpressure"`
	// Holes are the stretches without a V2, Reseeds how often one came back.
	// HoleCount is how many holes there were, if there are more than the list has.
	Reseeds   int64  `json:"reseeds"`
	HoleCount int64  `json:"hole_count"`
	Holes     []Hole `json:"holes"`
	// Processor is the configuration string of the last V2, Implementation what it says
	// that it is: "V2", unless the job names another processor.
	Processor      string `json:"processor"`
	Implementation string `json:"-"`
	// State says in words whether there is a V2 now.
	State string `json:"-"`
	// Rescales is how often V2 was replaced while it ran, without a hole.
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
	// Records were processed; Keys are the most groups that it held after a batch.
	Records int64 `json:"records"`
	Keys    int64 `json:"keys"`
	// Busy is the time spent in the partition's engine.
	Busy Duration `json:"busy_ms"`
	// MostQueued is the most records that were seen to wait for it.
	MostQueued int64 `json:"queue"`
	// RecordsPerSecond is over V2's service time: that of all its partitions
	// together, not that in which this one was busy.
	RecordsPerSecond float64 `json:"records_per_s"`
}

// Routing is how V2 routes the records of one stage of a query, and why.
type Routing struct {
	// Query is the stage's name, Output that of the query, which is the Index-th of the
	// job.
	Query  string `json:"query"`
	Output string `json:"-"`
	Index  int    `json:"-"`
	// Strategy is the strategy's name. Forced says that it splits the query's state.
	Strategy string `json:"strategy"`
	Forced   bool   `json:"forced"`
	Why      string `json:"why"`
	// Unsplittable says why the stage's state belongs to one partition whatever the
	// strategy, "" where it can be split.
	Unsplittable string `json:"-"`
	// Records are those that each partition took.
	Records []int64 `json:"records"`
}

// Pressure is what the pressure on V2 came to.
type Pressure struct {
	// Worst is the worst state that was seen, Throttled how long the source was held up.
	Worst     PressureState `json:"state_max"`
	Throttled Duration      `json:"throttled_ms"`
}
