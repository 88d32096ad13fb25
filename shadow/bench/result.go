// Package bench measures how fast the paths are, all of them in one run,
// alternating: a machine that drifts drifts for all. Speeds without the rows
// that came out are worth nothing, so each figure has its rows and their
// checksum beside it, and a path whose rows differ from another's has no figure.
package bench

// Document is what a run of the benchmark showed: `parallax bench --json`.
type Document struct {
	Machine Machine  `json:"machine"`
	Results []Result `json:"results"`
	// Scaling is what more cores would give; absent where it was not measured.
	Scaling []Scaling `json:"scaling,omitempty"`
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

// Result is one path of one scenario at one batch size.
type Result struct {
	Scenario string `json:"scenario"`
	// Path is floor, floor-learnt, floor-any, direct, v1, v2:N, shadow, kafka or
	// kafka-plain.
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
	NsPerRecord Spread `json:"ns_per_record"`
	// CPUNsPerRecord is the median of the process's CPU time, in ns.
	CPUNsPerRecord  float64 `json:"cpu_ns_per_record"`
	AllocsPerRecord float64 `json:"allocs_per_record"`
	// RatioTo holds, by the other path's name, the median over the rounds of the
	// ratio of speeds: 1.0 is as fast, 2.0 twice as fast.
	RatioTo map[string]float64 `json:"ratio_to"`
	// Latency is that of one batch, in ns; absent where batches overlap.
	Latency *Latency `json:"latency_ns,omitempty"`
	// Differs says how the rows differ from the other paths'; figures are absent
	// then.
	Differs string `json:"differs,omitempty"`
}

// Spread is of one figure over the rounds.
type Spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

// Latency is a distribution over batches.
type Latency struct {
	P50  int64 `json:"p50"`
	P95  int64 `json:"p95"`
	P99  int64 `json:"p99"`
	P999 int64 `json:"p999"`
	Max  int64 `json:"max"`
}

// Scaling is V2 over V1 on a number of cores, measured or predicted.
type Scaling struct {
	Scenario   string `json:"scenario"`
	Partitions int    `json:"partitions"`
	Cores      int    `json:"cores"`
	// Speedup is V2's speed over V1's.
	Speedup float64 `json:"speedup"`
	// Predicted is false for a measurement.
	Predicted bool `json:"predicted"`
	// KeySkewCap is the most that the largest partition's share of the work
	// allows, whatever the cores.
	KeySkewCap float64 `json:"key_skew_cap"`
}
