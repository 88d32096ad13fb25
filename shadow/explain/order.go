package explain

import (
	"context"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// Order puts the records of topic-partitions into the order of the input, as a job does whose
// topic-partitions all have records to offer: by event time. Each list has the records of one
// topic-partition, in the order of their offsets.
func (s *Subject) Order(ctx context.Context, lists [][]row.Record) ([]row.Record, error) {
	sequencer := ingest.NewSequencer(s.Plan.Sources)
	for _, list := range lists {
		if len(list) == 0 {
			continue
		}
		at := list[0].TopicPartition
		source := indexOf(s.Plan, at.Topic)
		decoder, err := codec.NewDecoder(ctx, s.Plan.Sources[source], source, codec.DecodeOptions{MaxFuture: s.MaxFuture})
		if err != nil {
			return nil, err
		}
		chunk := ingest.Chunk{Table: row.NewTable(s.Plan.Sources[source], len(list))}
		largest := int64(0)
		for _, rec := range list {
			decoder.After(largest)
			if err := decoder.Decode(ctx, &rec, chunk.Table); err != nil {
				return nil, err
			}
			largest = max(largest, rec.Timestamp)
			chunk.Records = append(chunk.Records, rec)
		}
		chunk.Measure()
		sequencer.Add(at)
		sequencer.Push(at, chunk)
		sequencer.End(at)
	}
	var records []row.Record
	for b := sequencer.Next(ingest.AtMost(orderBatch)); b != nil; b = sequencer.Next(ingest.AtMost(orderBatch)) {
		for i := range b.Len() {
			records = append(records, *b.Record(i))
		}
	}
	return records, nil
}

// orderBatch is how many records are ordered at a time.
const orderBatch = 10_000

// indexOf returns the index of the source that reads a topic.
func indexOf(p *plan.Plan, topic string) int {
	for i, s := range p.Sources {
		if s.Topic == topic {
			return i
		}
	}
	return 0
}
