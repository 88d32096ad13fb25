// Package bench measures the speed of all paths in one run, alternately, so that a drift of
// the machine affects all of them. A speed without the correct rows is worthless: each
// figure has the number of rows and their checksum next to it, and a path whose rows differ
// from another's has no figure.
//
// Stability: ours.
package bench

import "parallax/shadow/script"

// Document contains the results of a run of the benchmark: `parallax bench --json`.
type Document struct {
	Machine Machine  `json:"machine"`
	Results []Result `json:"results"`
	// Skipped lists what was not measured, with the reasons.
	Skipped []string `json:"skipped,omitempty"`
	// Notes are remarks on the data or the query that readers of the results need.
	Notes []string `json:"notes,omitempty"`
	// SideBySide is how much V2 slows V1 down; absent if it was not measured.
	SideBySide []SideBySide `json:"side_by_side,omitempty"`
	// Checkpoints is how much checkpoints slow V1 down: on is with them, off without, both
	// without V2; absent if it was not measured.
	Checkpoints []SideBySide `json:"checkpoints,omitempty"`
	// Stages is what the stages of a migration cost V1; absent if it was not measured.
	Stages []StageCost `json:"stages,omitempty"`
	// BatchSizes is the effect of large batches; absent if only one size was measured.
	BatchSizes []BatchSize `json:"batch_sizes,omitempty"`
	// Breakdown divides direct's time; absent if it was not measured.
	Breakdown []Breakdown `json:"breakdown,omitempty"`
	// Scaling is the effect of more cores; absent if it was not measured.
	Scaling []Scaling `json:"scaling,omitempty"`
	// Data describes a user's own data; absent for the scenarios.
	Data *script.Counts `json:"data,omitempty"`
	// Sections are those that were measured if not all were.
	Sections []string `json:"sections,omitempty"`
	// Load is how many threads ran or waited for a CPU, on average over the last 1, 5 and 15
	// minutes of the run, those of other programs included; "" where that is not known.
	Load string `json:"load,omitempty"`
	// Command is the command line, Started the start time in RFC 3339.
	Command string `json:"command"`
	Started string `json:"started"`
}

// Machine is where it ran.
type Machine struct {
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores"`
	Go        string `json:"go"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	MemoryMiB int64  `json:"memory_mib"`
	Version   string `json:"version"`
	Commit    string `json:"commit"`
}

// Result is the result of one path of one scenario at one batch size. Its figures are
// absent if the rows are wrong.
type Result struct {
	Scenario string `json:"scenario"`
	// Path is floor, direct, v1, v2:N, shadow, kafka, kafka-v1, kafka-floor or kafka-plain.
	Path string `json:"path"`
	// Batch is in records. Cores is GOMAXPROCS while the path ran.
	Batch   int `json:"batch"`
	Cores   int `json:"cores"`
	Records int `json:"records"`
	// Rows is the number of output rows; Checksum is the checksum of their encoded bytes,
	// independent of their order.
	Rows     int    `json:"rows"`
	Checksum string `json:"checksum"`
	Rounds   int    `json:"rounds"`
	// NsPerRecord is over the rounds, in ns of wall time.
	NsPerRecord *Spread `json:"ns_per_record,omitempty"`
	// CPUNsPerRecord is the median of the process's CPU time, in ns.
	CPUNsPerRecord *float64 `json:"cpu_ns_per_record,omitempty"`
	// AllocsPerRecord is measured in steady state: the difference between all records and
	// their first half.
	AllocsPerRecord *float64 `json:"allocs_per_record,omitempty"`
	// RatioTo holds, by the other path's name, the median over the rounds of the ratio of
	// speeds: 1.0 is equally fast, 2.0 twice as fast. v1 is measured on the same number of
	// cores, floor and direct on one. RatioSpread adds the extremes; CPURatioTo are the
	// ratios of CPU time.
	RatioTo     map[string]float64 `json:"ratio_to,omitzero"`
	RatioSpread map[string]Spread  `json:"ratio_spread,omitzero"`
	CPURatioTo  map[string]float64 `json:"cpu_ratio_to,omitzero"`
	// Differs describes how the rows are wrong.
	Differs string `json:"differs,omitempty"`
	// Broker is embedded or kafka, Transaction the number of records in a transaction; both
	// are absent for paths without a broker. With a broker AllocsPerRecord covers all
	// records, and includes the allocations of a broker in this process.
	Broker      string `json:"broker,omitempty"`
	Transaction int    `json:"transaction,omitempty"`
	// Skew is the largest partition's records divided by the mean, Strategy is V2's routing
	// strategy; absent for other paths.
	Skew     float64 `json:"skew,omitempty"`
	Strategy string  `json:"strategy,omitempty"`
}

// IsEmpty reports whether nothing was measured.
func (d *Document) IsEmpty() bool {
	return len(d.Results)+len(d.SideBySide)+len(d.Checkpoints)+len(d.Stages)+len(d.BatchSizes)+len(d.Breakdown)+len(d.Scaling) == 0
}

// Differing returns the results with wrong rows.
func (d *Document) Differing() []Result {
	var list []Result
	for _, r := range d.Results {
		if r.Differs != "" {
			list = append(list, r)
		}
	}
	return list
}

// Find returns the result of a scenario's path on a number of cores at a batch size, 0 for
// any; nil if there is none with figures.
func (d *Document) Find(scenario, path string, cores, batch int) *Result {
	for i := range d.Results {
		r := &d.Results[i]
		if r.Scenario == scenario && r.Path == path && (cores == 0 || r.Cores == cores) && (batch == 0 || r.Batch == batch) && r.NsPerRecord != nil {
			return r
		}
	}
	return nil
}
