package checkpoint

import "parallax/processors/row"

// Place is where the input stands at a checkpoint.
type Place struct {
	// Position is that of the next record, Batch the sequence number of the next batch.
	Position int64 `json:"position"`
	Batch    int64 `json:"batch"`
	// Watermark and Now are those of the last record.
	Watermark int64 `json:"watermark"`
	Now       int64 `json:"now"`
	// Order is the running hash of the order in which the records were taken.
	Order string `json:"order"`
	// Parts has an element for each topic-partition, by topic and partition.
	Parts []PlacePart `json:"parts"`
}

// PlacePart is where one topic-partition stands.
type PlacePart struct {
	row.TopicPartition
	// Next is the offset of the next record.
	Next int64 `json:"next"`
	// Largest is the largest event time seen, if Seen.
	Largest int64 `json:"largest"`
	Seen    bool  `json:"seen"`
	Joined  bool  `json:"joined"`
	Left    bool  `json:"left"`
	Leave   bool  `json:"leave"`
}
