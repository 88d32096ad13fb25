package evidence

import (
	"time"

	"parallax/processors/row"
)

// Program is the program that ran.
type Program struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Run identifies the program, the time, and the part of the input.
type Run struct {
	Program
	// Started and Ended are UTC. Until the run ends, Ended is the time of the report.
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Took    Duration  `json:"duration_ms"`
	// Offsets are the processed offsets of each topic-partition; topic-partitions without
	// processed records are omitted.
	Offsets []OffsetRange `json:"offsets"`
}

// OffsetRange is a stretch of a topic-partition, from the offset From to To, both included.
type OffsetRange struct {
	row.TopicPartition
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// SetAside is the input without rows: dead letters, and the records that a bounded run did
// not read.
type SetAside struct {
	// DeadLetters were written to DeadLetterTopics, which are created with the first dead
	// letter.
	DeadLetters      int64    `json:"dead_letters"`
	DeadLetterTopics []string `json:"dead_letter_topics"`
	// OpenTransactions are where a bounded run ended before the end of the input.
	OpenTransactions []OpenTransaction `json:"open_transactions"`
}

// OpenTransaction is a topic-partition of which a bounded run does not read all records: a
// transaction of its producer was open when the run began, so that it ends at the last
// stable offset instead of the end offset.
type OpenTransaction struct {
	row.TopicPartition
	LastStable int64 `json:"last_stable_offset"`
	End        int64 `json:"end_offset"`
}
