package ingest

import (
	"fmt"
	"math"

	"parallax/processors/row"
)

// Place is the state of a sequencer between two batches: a restart continues from it in the same
// order, with the same event times and watermarks.
type Place struct {
	// Position is the position of the next record, Batch the Seq of the next batch.
	Position int64 `json:"position"`
	Batch    int64 `json:"batch"`
	// Watermark is the task's, row.NoWatermark before there is one; Now is the largest record
	// timestamp so far, below 0 for none.
	Watermark int64 `json:"watermark"`
	Now       int64 `json:"now"`
	// Order is the hash of the order in which the records were taken.
	Order OrderHash `json:"order"`
	// Parts are the topic-partitions, by topic, then partition.
	Parts []PlacePart `json:"parts"`
	// Journal is the offset from which on the job's journal has what comes after the place, below
	// 0 where the job keeps none. A task sets it.
	Journal int64 `json:"journal"`
}

// PlacePart is the part of a place for one topic-partition.
type PlacePart struct {
	row.TopicPartition
	// TopicID tells the topic from one of the same name that was created later. The sequencer
	// does not know it: it is "" until a task sets it, and where the broker has none.
	TopicID string `json:"topic_id,omitempty"`
	// Next is the offset after the last record that was taken.
	Next int64 `json:"next"`
	// Largest is the largest event time, if one was Seen.
	Largest int64 `json:"largest"`
	Seen    bool  `json:"seen"`
	// Joined: it takes part in the watermark. Left: it has left the watermark, until its next
	// record. Leave: it leaves when the next record of another is taken.
	Joined bool `json:"joined"`
	Left   bool `json:"left"`
	Leave  bool `json:"leave"`
}

// Part returns the part of a topic-partition, nil where the place has none.
func (p *Place) Part(tp row.TopicPartition) *PlacePart {
	for i := range p.Parts {
		if p.Parts[i].TopicPartition == tp {
			return &p.Parts[i]
		}
	}
	return nil
}

// Position returns the position of the next record.
func (s *Sequencer) Position() int64 { return s.position }

// Place returns where the sequencer stands after the last batch that Next returned.
func (s *Sequencer) Place() Place {
	place := Place{Position: s.position, Batch: s.seq, Watermark: s.clock.watermark, Now: s.clock.now, Order: s.order}
	for _, p := range s.parts {
		h := p.hand
		place.Parts = append(place.Parts, PlacePart{
			TopicPartition: p.at, Next: p.offset, Largest: h.largest, Seen: h.seen, Joined: h.joined, Left: h.left, Leave: h.leave,
		})
	}
	return place
}

// Restore moves a sequencer to a place, after Add and before the first record. Then records are
// pushed from each part's Next on. A topic-partition that the place does not have is not changed.
func (s *Sequencer) Restore(place Place) error {
	if s.position > 0 || s.seq > 0 || len(s.records) > 0 {
		return fmt.Errorf("restore the input order at position %d: the sequencer has taken records already", place.Position)
	}
	if err := place.check(); err != nil {
		return err
	}
	for i := range place.Parts {
		if at := place.Parts[i].TopicPartition; s.index[at] == nil {
			return fmt.Errorf("the place has topic-partition %s/%d, which the job does not read", at.Topic, at.Partition)
		}
	}
	s.position, s.seq, s.order = place.Position, place.Batch, place.Order
	s.clock.watermark, s.clock.now, s.clock.leaving = place.Watermark, place.Now, false
	for i := range place.Parts {
		from := &place.Parts[i]
		p := s.index[from.TopicPartition]
		p.offset = from.Next
		h := p.hand
		h.largest, h.seen, h.joined, h.left, h.leave = from.Largest, from.Seen, from.Joined, from.Left, from.Leave
		s.clock.leaving = s.clock.leaving || h.leave
	}
	return nil
}

// check returns what of a place cannot be.
func (p *Place) check() error {
	switch {
	case p.Position < 0 || p.Position == math.MaxInt64:
		return fmt.Errorf("the place's position is %d", p.Position)
	case p.Batch < 0 || p.Batch == math.MaxInt64:
		return fmt.Errorf("the place's batch number is %d", p.Batch)
	case p.Watermark > row.MaxEventTime || p.Watermark < 0 && p.Watermark != row.NoWatermark:
		return fmt.Errorf("the place's watermark is %d", p.Watermark)
	case p.Now > row.MaxEventTime || p.Now < -1:
		return fmt.Errorf("the place's largest timestamp is %d", p.Now)
	}
	seen := map[row.TopicPartition]bool{}
	for i := range p.Parts {
		part := &p.Parts[i]
		switch {
		case seen[part.TopicPartition]:
			return fmt.Errorf("the place has topic-partition %s/%d twice", part.Topic, part.Partition)
		case part.Next < 0:
			return fmt.Errorf("the place's next offset of %s/%d is %d", part.Topic, part.Partition, part.Next)
		case part.Largest < 0 || part.Largest > row.MaxEventTime:
			return fmt.Errorf("the place's largest event time of %s/%d is %d", part.Topic, part.Partition, part.Largest)
		case part.Joined && !part.Seen:
			return fmt.Errorf("the place's topic-partition %s/%d is part of the watermark without an event time", part.Topic, part.Partition)
		}
		seen[part.TopicPartition] = true
	}
	return nil
}
