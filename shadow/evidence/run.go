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

// Run says which program ran, when, and over which part of the input.
type Run struct {
	Program
	// Started and Ended are UTC. Of a run that goes on Ended is when the report was taken.
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Took    Duration  `json:"duration_ms"`
	// Offsets are what was processed of each topic-partition; those of which nothing was
	// are left out.
	Offsets []OffsetRange `json:"offsets"`
}

// OffsetRange is a stretch of a topic-partition, from the offset From to To, both included.
type OffsetRange struct {
	row.TopicPartition
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// SetAside is the input that gave no row: dead letters, and what a bounded run did not read.
type SetAside struct {
	// DeadLetters went to DeadLetterTopics, which exist once there was one.
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
