package ingest

import "parallax/processors/row"

// Journal is the part of the input order that does not follow from the records: which
// topic-partition a record was taken of while another had none waiting, and when topic-partitions left
// the watermark. With it the order can be repeated, see Follow. All else is the order of event
// times, which is the same each time.
type Journal struct {
	// Parts are the topic-partitions that the others refer to, by index.
	Parts []row.TopicPartition
	// Runs and Departures are in the order of their positions. Runs do not overlap; what lies between
	// them was taken while every topic-partition had a record.
	Runs       []Run
	Departures []Departure
}

// Run is records that were taken one after another of one topic-partition.
type Run struct {
	Position int64 // of the first
	Count    int32
	Part     int32
}

// Departure says that a topic-partition left the watermark before the record at a position.
type Departure struct {
	Position int64
	Part     int32
}

// IsEmpty reports whether the order follows from the records alone.
func (j *Journal) IsEmpty() bool { return len(j.Runs) == 0 && len(j.Departures) == 0 }

// take adds a record to the runs.
func (j *Journal) take(position int64, part int32) {
	if n := len(j.Runs); n > 0 {
		if last := &j.Runs[n-1]; last.Part == part && last.Position+int64(last.Count) == position {
			last.Count++
			return
		}
	}
	j.Runs = append(j.Runs, Run{position, 1, part})
}

// Append adds what came after, of the same topic-partitions.
func (j *Journal) Append(after *Journal) {
	runs := after.Runs
	if n := len(j.Runs); n > 0 && len(runs) > 0 {
		if last := &j.Runs[n-1]; last.Part == runs[0].Part && last.Position+int64(last.Count) == runs[0].Position {
			last.Count += runs[0].Count
			runs = runs[1:]
		}
	}
	j.Runs = append(j.Runs, runs...)
	j.Departures = append(j.Departures, after.Departures...)
}

// Cut removes what lies before a position and returns it.
func (j *Journal) Cut(position int64) Journal {
	before := Journal{Parts: j.Parts}
	n := 0
	for n < len(j.Runs) && j.Runs[n].Position < position {
		n++
	}
	before.Runs, j.Runs = j.Runs[:n:n], j.Runs[n:]
	if n > 0 {
		if last := &before.Runs[n-1]; last.Position+int64(last.Count) > position {
			rest := *last
			last.Count = int32(position - last.Position)
			rest.Position, rest.Count = position, rest.Count-last.Count
			j.Runs = append([]Run{rest}, j.Runs...)
		}
	}
	n = 0
	for n < len(j.Departures) && j.Departures[n].Position < position {
		n++
	}
	before.Departures, j.Departures = j.Departures[:n:n], j.Departures[n:]
	return before
}

// Compact removes the topic-partitions that nothing refers to. The runs and departures must not be
// used elsewhere.
func (j *Journal) Compact() {
	to, parts := make([]int32, len(j.Parts)), []row.TopicPartition(nil)
	index := func(part *int32) {
		if to[*part] == 0 {
			parts = append(parts, j.Parts[*part])
			to[*part] = int32(len(parts))
		}
		*part = to[*part] - 1
	}
	for i := range j.Runs {
		index(&j.Runs[i].Part)
	}
	for i := range j.Departures {
		index(&j.Departures[i].Part)
	}
	j.Parts = parts
}

// KeepJournal makes the sequencer keep a journal. It is called after Add. The journal of a single
// topic-partition stays empty, because its order is the order of its offsets.
func (s *Sequencer) KeepJournal() {
	if len(s.parts) < 2 {
		return
	}
	s.journal = &Journal{}
	for _, p := range s.parts {
		s.journal.Parts = append(s.journal.Parts, p.at)
	}
}

// AppendJournal moves what the journal got since the last call to the end of another one.
func (s *Sequencer) AppendJournal(to *Journal) {
	j := s.journal
	if j == nil || j.IsEmpty() {
		return
	}
	to.Parts = j.Parts
	to.Append(j)
	j.Runs, j.Departures = j.Runs[:0], j.Departures[:0]
}

// note adds the record that is about to be taken of a part to the journal.
func (s *Sequencer) note(p *part, position int64) {
	if s.journal == nil || s.stop != noStop {
		return
	}
	if s.decided {
		s.journal.take(position, p.index)
	}
	if !s.clock.leaving {
		return
	}
	for _, other := range s.parts {
		if other.hand.leave && !other.hand.left {
			s.journal.Departures = append(s.journal.Departures, Departure{position, other.index})
		}
	}
}
