package ingest

import (
	"fmt"
)

// script is the journal that a replay follows.
type script struct {
	journal Journal
	parts   []*part // by the journal's index
}

// Follow makes the sequencer repeat a journal up to its stop, see StopAt: the records of a run are
// taken of its topic-partition and nothing else is waited for, and topic-partitions leave the
// watermark where the journal says so and nowhere else. Records between the runs are taken by their
// event times.
func (s *Sequencer) Follow(j Journal) error {
	f := &script{journal: j}
	for _, at := range j.Parts {
		p := s.index[at]
		if p == nil {
			return fmt.Errorf("the journal has topic-partition %s/%d, which the job does not read", at.Topic, at.Partition)
		}
		f.parts = append(f.parts, p)
	}
	s.script = f
	return nil
}

// of returns the part of which the record at a position is to be taken, nil where the journal does not
// say. Positions only grow from call to call.
func (f *script) of(position int64) *part {
	if f == nil {
		return nil
	}
	runs := f.journal.Runs
	for len(runs) > 0 && runs[0].Position+int64(runs[0].Count) <= position {
		runs = runs[1:]
	}
	f.journal.Runs = runs
	if len(runs) == 0 || runs[0].Position > position {
		return nil
	}
	return f.parts[runs[0].Part]
}

// depart makes those leave the watermark that left it before the record at a position.
func (f *script) depart(position int64) {
	departures := f.journal.Departures
	for len(departures) > 0 && departures[0].Position <= position {
		if departures[0].Position == position {
			f.parts[departures[0].Part].hand.left = true
		}
		departures = departures[1:]
	}
	f.journal.Departures = departures
}

// hasNext reports whether a part that the journal names has the record that is taken next.
func (p *part) hasNext() bool {
	head := p.head()
	return head != nil && head.Offset < p.stop
}
