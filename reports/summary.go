// Package reports renders what a run showed, for machines and for people. It
// decides nothing: verdicts come from gate.
package reports

import (
	"encoding/json"
	"fmt"

	"parallax/diff"
)

// Summary is a run in one JSON line: the field names and their order are a
// contract with other programs.
type Summary struct {
	Job         string           `json:"job"`
	Verdict     string           `json:"verdict"`
	Code        int              `json:"code"`
	Reason      string           `json:"reason"`
	Records     int64            `json:"records"`
	Ledger      diff.Ledger      `json:"ledger"`
	Late        int64            `json:"late"`
	BrokerGaps  int64            `json:"broker_gaps"`
	Outputs     Outputs          `json:"outputs"`
	LevelHeld   diff.Level       `json:"level_held"`
	Divergences Divergences      `json:"divergences"`
	Signatures  []diff.Signature `json:"signatures"`
	Throughput  Throughput       `json:"throughput"`
	V2          V2               `json:"v2"`
	Report      string           `json:"report"`
	// Code is the verdict's exit code, Exit the process': they differ in a live run
	// that a signal ended.
	Exit int `json:"exit"`
	// Tolerated is what each of diff.rules has hidden.
	Tolerated []diff.Tolerated `json:"tolerated"`
	// RefusedRows are V1's rows that were too large for their topic: dead letters.
	RefusedRows int64 `json:"refused_rows"`
	// ByOutput is the evidence by output topic, which the gate's minimums hold for.
	ByOutput []diff.Output `json:"by_output"`
	// ChangedTimestamps are rows and dead letters that were written with another
	// timestamp than their own, which their topic does not take.
	ChangedTimestamps int64 `json:"changed_timestamps"`
	// SecondOpinions are the batches on which the comparison itself was checked.
	SecondOpinions SecondOpinions `json:"second_opinions"`
	// Run says which program ran when, over which offsets, and what it had to show.
	Run
}

// SecondOpinions counts batches of which both sides were encoded as their sinks would
// and compared byte by byte: those that the comparison had found equal, and those in
// which it had found divergences.
type SecondOpinions struct {
	Equal     int64 `json:"equal"`
	Differing int64 `json:"differing"`
}

// Outputs counts rows.
type Outputs struct {
	V1                int64 `json:"v1"`
	V2Raw             int64 `json:"v2_raw"`
	V2Merged          int64 `json:"v2_merged"`
	MergeDeduplicated int64 `json:"merge_deduplicated"`
	MergeReordered    int64 `json:"merge_reordered"`
	// V1DeadLetters and V2DeadLetters are records that the sides refused.
	V1DeadLetters int64 `json:"v1_dead_letters"`
	V2DeadLetters int64 `json:"v2_dead_letters"`
}

// Divergences counts what differs at the required level.
type Divergences struct {
	Root    int64                `json:"root"`
	Cascade int64                `json:"cascade"`
	ByClass map[diff.Class]int64 `json:"by_class"`
	// Origin says where the roots are; absent where there are none.
	Origin *diff.Origin `json:"origin,omitempty"`
}

// Throughput is in records a second; null where it was not measured. Ratio,
// CI95 and Comparable are contended: the paths side by side. The ratio is that of
// sums: V2 hands out batches in bursts, so that single ones' ratios say nothing.
// CI95 is null where there is a ratio of too few batches.
type Throughput struct {
	V1               *float64    `json:"v1_records_per_s"`
	V2               *float64    `json:"v2_records_per_s"`
	Ratio            *float64    `json:"ratio"`
	CI95             *[2]float64 `json:"ci95"`
	Comparable       bool        `json:"comparable"`
	ShadowTax        *float64    `json:"shadow_tax"`
	DecodeRecordsPer *float64    `json:"decode_records_per_s"`
	EncodeRecordsPer *float64    `json:"encode_records_per_s"`
	// NotComparable says why there is no ratio, "" where there is one.
	NotComparable string `json:"not_comparable"`
	Batches       int    `json:"batches"`
	// HeldBatches are those that V1 processed while V2 was held.
	HeldBatches int64 `json:"shadow_tax_batches"`
	// RunningBatches are those that V1 processed while V2 ran.
	RunningBatches int64       `json:"shadow_tax_running_batches"`
	TaxCI95        *[2]float64 `json:"shadow_tax_ci95"`
	Paths          Paths       `json:"paths"`
	Censored       Censored    `json:"censored"`
	Isolated       *Isolated   `json:"isolated"`
	// TaxPairs are the pairs of a held and a running batch that ShadowTax rests on.
	TaxPairs int `json:"shadow_tax_pairs"`
	// TaxP99 says how V1's slowest batches did; ShadowTax is of a typical one.
	TaxP99 *TaxP99 `json:"shadow_tax_p99_us_per_record"`
}

// TaxP99 are the 99 % quantiles of V1's time for a record, in µs, over the batches
// with V2 running and with V2 held.
type TaxP99 struct {
	Running float64 `json:"running"`
	Held    float64 `json:"held"`
}

// Paths are the two paths' own figures.
type Paths struct {
	V1 Path `json:"v1"`
	V2 Path `json:"v2"`
}

// Path is one path's figures over the batches that both finished. Service times
// run from a decoded batch to its changelog, the others from the fetch of its
// oldest record.
type Path struct {
	Rows           int64    `json:"rows"`
	BusyPerMillion *float64 `json:"busy_s_per_million_records"`
	ServiceMS      Times    `json:"service_ms"`
	FetchToDoneMS  Times    `json:"fetch_to_done_ms"`
}

// Times are quantiles over batches, in ms. AtLeast says that censored batches
// are among them: the true figures are no smaller.
type Times struct {
	P50     float64 `json:"p50"`
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
	P999    float64 `json:"p99_9"`
	AtLeast bool    `json:"at_least"`
}

// Censored are the batches that V2 was given up on. WaitedMS is the longest that
// one of them had had.
type Censored struct {
	Batches  int64   `json:"batches"`
	Records  int64   `json:"records"`
	WaitedMS float64 `json:"waited_ms"`
}

// Isolated is V2's speed over V1's with one path running at a time, in turns:
// Pairs of them, each over all the Batches.
type Isolated struct {
	Ratio         *float64    `json:"ratio"`
	CI95          *[2]float64 `json:"ci95"`
	MedianRatio   *float64    `json:"median_ratio"`
	Comparable    bool        `json:"comparable"`
	NotComparable string      `json:"not_comparable"`
	Batches       int         `json:"batches"`
	Pairs         int         `json:"pairs"`
}

// V2 says what V2 was and what its partitions did. Skew is the largest
// partition's records over the mean, null where there were none. Reseeds is how
// often it came back after it had been detached; Holes are when it was away, all
// HoleCount of them unless there are many. Rescales is how often it was replaced
// while it ran, without a hole; Partitions are then those of all V2s together, and
// Processor and Skew those of the last.
type V2 struct {
	Partitions   []Partition  `json:"partitions"`
	Strategy     string       `json:"strategy"`
	Skew         *float64     `json:"skew"`
	Backpressure Backpressure `json:"backpressure"`
	Reseeds      int64        `json:"reseeds"`
	HoleCount    int64        `json:"hole_count"`
	Holes        []Hole       `json:"holes"`
	Processor    string       `json:"processor"`
	Rescales     int64        `json:"rescales"`
	Routing      []Routing    `json:"routing"`
}

// Routing is how V2 routes a stage of a query. Forced says that it splits the query's
// state; Records are those that each partition took.
type Routing struct {
	Query    string  `json:"query"`
	Strategy string  `json:"strategy"`
	Forced   bool    `json:"forced"`
	Why      string  `json:"why"`
	Records  []int64 `json:"records"`
}

// Partition is the work of one of V2's. Queue is the most records that were
// seen to wait for it.
type Partition struct {
	Records       int64   `json:"records"`
	Keys          int64   `json:"keys"`
	BusyMS        float64 `json:"busy_ms"`
	Queue         int64   `json:"queue"`
	RecordsPerSec float64 `json:"records_per_s"`
}

// Backpressure is the worst state that V2 was in (healthy, warning, critical,
// saturated) and how long the source was held up for it.
type Backpressure struct {
	StateMax    string  `json:"state_max"`
	ThrottledMS float64 `json:"throttled_ms"`
}

// JSON returns the summary's line, without its end.
func (s Summary) JSON() ([]byte, error) {
	if s.Signatures == nil {
		s.Signatures = []diff.Signature{}
	}
	if s.Divergences.ByClass == nil {
		s.Divergences.ByClass = map[diff.Class]int64{}
	}
	if s.Tolerated == nil {
		s.Tolerated = []diff.Tolerated{}
	}
	if s.ByOutput == nil {
		s.ByOutput = []diff.Output{}
	}
	if s.V2.Partitions == nil {
		s.V2.Partitions = []Partition{}
	}
	if s.V2.Routing == nil {
		s.V2.Routing = []Routing{}
	}
	if s.V2.Holes == nil {
		s.V2.Holes = []Hole{}
	}
	s.fillRun()
	line, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the summary: %w", err)
	}
	return line, nil
}
