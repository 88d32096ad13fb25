package evidence

import (
	"time"

	"parallax/diff"
)

// Report contains the results of a run, at its end or so far. It contains no verdict.
type Report struct {
	Run
	// Running: the run is not finished. Then Pending records are still being processed, and
	// V2's partitions may have processed more than was compared.
	Running bool
	Ledger  diff.Ledger
	// Uncounted is how many more records are in Compared and Filtered than V2's partitions
	// count. The partitions count a record for the first query that reads it; when keys are
	// sampled, V2 may process it for another query only. They also count records that V1
	// refused, so the number may be negative.
	Uncounted int64
	// Sampled: only some of the keys were compared.
	Sampled bool
	// Late is the part of Ledger.Filtered that was late for every window.
	Late    int64
	Outputs Outputs
	// Require is the level below which a difference is a divergence in Diff.
	Require diff.Level
	Diff    diff.Result
	// Throughput compares the speeds of the two paths.
	Throughput Throughput
	Candidate
	// V2Off: there was no V2 to compare with.
	V2Off bool
	// Detached is the reason of the last detachment of V2, "" if there was none, even if V2
	// returned later. Shed: the reason was overload.
	Detached string
	Shed     bool
	// EventSpan is from the 1 % to the 99 % quantile of the event times of the records
	// that were compared and were not late, in ms; Lateness is the furthest that a record
	// was behind the watermark, in ms. Both are 0 where no record had an event time.
	EventSpan, Lateness int64
	// WindowSize and WindowGrace are the largest of the job's windows, in ms.
	WindowSize, WindowGrace int64
	// SecondOpinions counts the batches on which the comparison was checked.
	SecondOpinions SecondOpinions
	// States counts the checkpoints at which the states of both sides were compared.
	States StateComparisons
	// Sensitivity counts the mutations on which the comparison was checked.
	Sensitivity Sensitivity
	// Strata counts rows by stratum, which gate.strata may require: tombstones, retractions,
	// null_keys, late, and window:<type>.
	Strata map[string]int64
	// Columns counts what was compared by column of each output.
	Columns []Column
	// Emission says how the rows of verified stages went out; nil where there were none.
	Emission *Emission
	// V1HasV2State is when V1 was given V2's state, because the job went back from done, so that V1 is no
	// witness of what was before; nil where that is not so, or not known.
	V1HasV2State *time.Time
	// LagGrowing: at the end V1 fell further and further behind its input.
	LagGrowing bool
	// Broken is a failure of the run or of the comparison itself, in one line; "" for none.
	Broken string
	// BrokerGaps counts offsets without a record: transaction markers, and records removed
	// by compaction.
	BrokerGaps int64
	// RefusedRows counts V1's rows that were too large for their topic and became dead
	// letters.
	RefusedRows int64
	// ChangedTimestamps counts rows and dead letters written with a timestamp other than
	// their own, because the topic does not accept it.
	ChangedTimestamps int64
	SetAside
}

// Outputs counts rows.
type Outputs struct {
	V1 int64 `json:"v1"`
	// V2Raw is before merge, V2Merged after it.
	V2Raw    int64 `json:"v2_raw"`
	V2Merged int64 `json:"v2_merged"`
	// Deduplicated counts the rows that merge dropped, Reordered the rows that it moved.
	Deduplicated int64 `json:"merge_deduplicated"`
	Reordered    int64 `json:"merge_reordered"`
	// V1DeadLetters and V2DeadLetters are records that the sides refused.
	V1DeadLetters int64 `json:"v1_dead_letters"`
	V2DeadLetters int64 `json:"v2_dead_letters"`
}

// StateComparisons counts the checkpoints at which V2's state was compared with V1's.
type StateComparisons struct {
	// Equal counts the checkpoints at which the states of all stages were equal, Differing
	// those at which one was not. At those in NotCompared V2 was away or too far behind.
	Equal       int64 `json:"equal"`
	Differing   int64 `json:"differing"`
	NotCompared int64 `json:"not_compared"`
	// Why says why the last one of NotCompared was not compared, or why there was no
	// checkpoint to compare at; "" where all were compared.
	Why string `json:"why,omitempty"`
}

// SecondOpinions counts the batches on which there was a second opinion: both sides were
// encoded as their sinks would, and the bytes compared.
type SecondOpinions struct {
	// Equal counts the batches that the comparison had found equal at E1 with nothing
	// tolerated, Differing those in which it had found divergences.
	Equal     int64 `json:"equal"`
	Differing int64 `json:"differing"`
}
