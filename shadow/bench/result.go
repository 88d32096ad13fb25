// Package bench measures how fast the paths are, all of them in one run,
// alternating: a machine that drifts drifts for all. Speeds without the rows
// that came out are worth nothing, so each figure has its rows and their
// checksum beside it, and a path whose rows differ from another's has no figure.
//
// Stability: ours.
package bench

// Document is what a run of the benchmark showed: `parallax bench --json`.
type Document struct {
	Machine Machine  `json:"machine"`
	Results []Result `json:"results"`
	// Skipped says what did not run, and why.
	Skipped []string `json:"skipped,omitempty"`
	// Notes are what a reader of the results must know of the data or the query.
	Notes []string `json:"notes,omitempty"`
	// SideBySide is what a shadow costs V1; absent where it was not measured.
	SideBySide []SideBySide `json:"side_by_side,omitempty"`
	// BatchSizes is what large batches cost; absent where only one size was measured.
	BatchSizes []BatchSize `json:"batch_sizes,omitempty"`
	// Breakdown says for what direct needs its time; absent where it was not measured.
	Breakdown []Breakdown `json:"breakdown,omitempty"`
	// Scaling is what more cores would give; absent where it was not measured.
	Scaling []Scaling `json:"scaling,omitempty"`
	// Data is what a user's own data came to; absent for the scenarios.
	Data *DataCounts `json:"data,omitempty"`
	// Command is what was run, Started when, in RFC 3339.
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

// Result is one path of one scenario at one batch size. Its figures are absent
// where the rows are not what they should be.
type Result struct {
	Scenario string `json:"scenario"`
	// Path is floor, direct, v1, v2:N, shadow, kafka, kafka-v1, kafka-floor or kafka-plain.
	Path string `json:"path"`
	// Batch is in records. Cores is GOMAXPROCS while the path ran.
	Batch   int `json:"batch"`
	Cores   int `json:"cores"`
	Records int `json:"records"`
	// Rows came out; Checksum is that of their encoded bytes, whatever their
	// order.
	Rows     int    `json:"rows"`
	Checksum string `json:"checksum"`
	Rounds   int    `json:"rounds"`
	// NsPerRecord is over the rounds, in ns of wall time.
	NsPerRecord *Spread `json:"ns_per_record,omitempty"`
	// CPUNsPerRecord is the median of the process's CPU time, in ns.
	CPUNsPerRecord *float64 `json:"cpu_ns_per_record,omitempty"`
	// AllocsPerRecord is in steady state: what the second half of the records adds
	// to the first.
	AllocsPerRecord *float64 `json:"allocs_per_record,omitempty"`
	// RatioTo holds, by the other path's name, the median over the rounds of the
	// ratio of speeds: 1.0 is as fast, 2.0 twice as fast. v1 is that on as many
	// cores, floor and direct those on one. RatioSpread are the same with the
	// extremes, CPURatioTo those of CPU time.
	RatioTo     map[string]float64 `json:"ratio_to,omitzero"`
	RatioSpread map[string]Spread  `json:"ratio_spread,omitzero"`
	CPURatioTo  map[string]float64 `json:"cpu_ratio_to,omitzero"`
	// Differs says how the rows are not what they should be.
	Differs string `json:"differs,omitempty"`
	// Broker is embedded or kafka, Transaction how many records one had; both are
	// absent in paths without a broker. What a broker in this process allocates is
	// in AllocsPerRecord, which is over all records there.
	Broker      string `json:"broker,omitempty"`
	Transaction int    `json:"transaction,omitempty"`
	// Skew is the largest partition's records over the mean, Strategy how V2
	// routes; absent in other paths.
	Skew     float64 `json:"skew,omitempty"`
	Strategy string  `json:"strategy,omitempty"`
}

// Differing are the results whose rows are not what they should be.
func (d *Document) Differing() []Result {
	var list []Result
	for _, r := range d.Results {
		if r.Differs != "" {
			list = append(list, r)
		}
	}
	return list
}

// Find is the result of a scenario's path on a number of cores at a batch size, 0
// for any; nil where there is none, or none with figures.
func (d *Document) Find(scenario, path string, cores, batch int) *Result {
	for i := range d.Results {
		r := &d.Results[i]
		if r.Scenario == scenario && r.Path == path && (cores == 0 || r.Cores == cores) && (batch == 0 || r.Batch == batch) && r.NsPerRecord != nil {
			return r
		}
	}
	return nil
}
