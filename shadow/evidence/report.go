package evidence

import "parallax/diff"

// Report is what a run showed, or has shown so far. It judges nothing.
type Report struct {
	Run
	// Running says that the run goes on. Records that are Pending are then on their way,
	// and V2's partitions may have processed more than what was compared.
	Running bool
	Ledger  diff.Ledger
	// Uncounted is how many more records are in Compared and Filtered than V2's
	// partitions count. Of the queries that read a record they count the first:
	// where keys are sampled, V2 may have it for another one only. They also count
	// what V1 refused, so it may be below zero.
	Uncounted int64
	// Sampled says that not all keys were compared.
	Sampled bool
	// Late is the part of Ledger.Filtered that came too late for every window.
	Late    int64
	Outputs Outputs
	// Require is the level below which a difference is a divergence in Diff.
	Require diff.Level
	Diff    diff.Result
	// Throughput compares the speeds of the two paths.
	Throughput Throughput
	Candidate
	// V2Off says that there was no V2 to compare with.
	V2Off bool
	// Detached says why V2 was detached, the last time, "" if it was not, even if
	// it came back; Shed whether that was for overload.
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
	// LagGrowing says that V1 fell further and further behind its input at the end.
	LagGrowing bool
	// Broken is a failure of the run or of the tool's own comparison, in one line; ""
	// for none.
	Broken string
	// BrokerGaps are offsets without a record: transaction markers, and what compaction
	// removed.
	BrokerGaps int64
	// RefusedRows are V1's rows that were too large for their topic: dead letters.
	RefusedRows int64
	// ChangedTimestamps are rows and dead letters that were written with another
	// timestamp than their own, which their topic does not take.
	ChangedTimestamps int64
	SetAside
}

// Outputs counts rows.
type Outputs struct {
	V1 int64 `json:"v1"`
	// V2Raw is before merge, V2Merged after it.
	V2Raw    int64 `json:"v2_raw"`
	V2Merged int64 `json:"v2_merged"`
	// Deduplicated rows were dropped by merge, Reordered ones moved.
	Deduplicated int64 `json:"merge_deduplicated"`
	Reordered    int64 `json:"merge_reordered"`
	// V1DeadLetters and V2DeadLetters are records that the sides refused.
	V1DeadLetters int64 `json:"v1_dead_letters"`
	V2DeadLetters int64 `json:"v2_dead_letters"`
}

// SecondOpinions counts the batches on which there was a second opinion: both sides were
// encoded as their sinks would, and the bytes compared.
type SecondOpinions struct {
	// Equal were batches that the comparison had found the same at E1, with nothing
	// tolerated; Differing were batches in which it had found divergences.
	Equal     int64 `json:"equal"`
	Differing int64 `json:"differing"`
}
