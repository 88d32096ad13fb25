package ingest

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// Chunk is decoded records of one topic-partition, in offset order, and the
// table that their Row points into. After Push the caller must
// not use it any more.
type Chunk struct {
	Records []row.Record
	Table   *row.Table
	// Nested are the bytes of each record's ARRAYs, MAPs and STRUCTs; nil where no
	// column is one. Measure sets it.
	Nested []int
}

// Measure sets Nested.
func (c *Chunk) Measure() {
	if c.Nested = c.Nested[:0]; c.Table == nil || !c.Table.HasNested() {
		return
	}
	for i := range c.Records {
		n := 0
		if at := c.Records[i].Row; at >= 0 {
			n = c.Table.NestedBytes(int(at))
		}
		c.Nested = append(c.Nested, n)
	}
}

// bytes returns the size at which record i is counted while it waits, and in its batch.
func (c *Chunk) bytes(i int) int64 {
	n := footprint(&c.Records[i])
	if len(c.Nested) > 0 {
		n += int64(c.Nested[i])
	}
	return n
}

// Sequencer merges topic-partitions into the input order: of their heads, the
// smallest event time first, ties by topic, then partition; a head that has no
// event time comes before those that have one. Nothing is taken until every
// topic-partition has a head or is known to have none to come, so that the
// order does not depend on how the records happened to arrive.
//
// A table's topic-partitions stand in this order and are waited for as a stream's,
// so that a lookup finds what had been written by then. The others do not wait for one that
// is at its live end. They are not part of the watermark.
//
// It is not safe for concurrent use.
type Sequencer struct {
	assembler
	clock clock
	parts []*part // by topic, partition
	index map[row.TopicPartition]*part
	order OrderHash
	stop  int64 // a position, see StopAt; else noStop
	// decided is that the part that choose returned need not have been chosen had other records
	// arrived. journal collects these choices, nil for not; script is what a replay follows.
	decided bool
	journal *Journal
	script  *script
}

// part is one topic-partition of the task.
type part struct {
	at     row.TopicPartition
	index  int32 // among the parts
	key    OrderKey
	hand   *hand
	offset int64 // after the last record that was taken
	stop   int64 // an offset, see StopAt; else noStop
	chunks []Chunk
	next   int // in chunks[0]
	// ended: nothing more will come; departs: it leaves the watermark then. caughtUp: nothing is
	// there to come now.
	ended, departs, caughtUp bool
	held                     int64
}

// NewSequencer returns a sequencer for a plan's sources.
func NewSequencer(sources []*row.Source) *Sequencer {
	return &Sequencer{assembler: newAssembler(sources), clock: newClock(), index: map[row.TopicPartition]*part{}, stop: noStop}
}

// Memory returns the pool for the records and tables of chunks. The memory of chunks whose records
// are in batches, and of released batches, returns to it.
func (s *Sequencer) Memory() *Memory { return s.memory }

// Add makes a topic-partition part of the task, before any record is taken.
func (s *Sequencer) Add(at row.TopicPartition) {
	table := slices.ContainsFunc(s.sources, func(src *row.Source) bool { return src.Topic == at.Topic && src.Table })
	p := &part{at: at, key: OrderKeyOf(at), hand: s.clock.add(table), stop: noStop}
	s.index[at] = p
	s.parts = append(s.parts, p)
	slices.SortFunc(s.parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.at.Topic, b.at.Topic), cmp.Compare(a.at.Partition, b.at.Partition))
	})
	for i, p := range s.parts {
		p.index = int32(i)
	}
}

// Begin says at which offset the records of a topic-partition begin, for a Place that is asked
// for before one was taken. Without it that is 0.
func (s *Sequencer) Begin(at row.TopicPartition, offset int64) { s.index[at].offset = offset }

// Push appends records of a topic-partition.
func (s *Sequencer) Push(at row.TopicPartition, c Chunk) {
	if len(c.Records) == 0 {
		return
	}
	p := s.index[at]
	p.chunks = append(p.chunks, c)
	p.hand.leave = false
	for i := range c.Records {
		p.held += c.bytes(i)
	}
}

// End says that a topic-partition has ended: the others no longer wait for it, and it
// leaves the watermark after its last record was processed.
func (s *Sequencer) End(at row.TopicPartition) {
	p := s.index[at]
	p.ended, p.departs = true, true
	s.leaveIfDone(p)
}

// Halt says that a topic-partition has ended for this run: the others no longer wait for it,
// but it stays in the watermark, because a later run continues it.
func (s *Sequencer) Halt(at row.TopicPartition) { s.index[at].ended = true }

// CaughtUp says whether the live end of a topic-partition has been reached: if
// so, others need not wait for it.
func (s *Sequencer) CaughtUp(at row.TopicPartition, yes bool) { s.index[at].caughtUp = yes }

// Idle says that a live topic-partition has had no data for so long that it
// shall leave the watermark, until its next record.
func (s *Sequencer) Idle(at row.TopicPartition) {
	if p := s.index[at]; s.stop == noStop && p.head() == nil && p.hand.joined && !p.hand.left {
		s.clock.depart(p.hand)
	}
}

// Held returns the bytes of a topic-partition's records that wait.
func (s *Sequencer) Held(at row.TopicPartition) int64 { return s.index[at].held }

// HeldMost returns the bytes that wait of the topic-partition that has the most.
func (s *Sequencer) HeldMost() (most int64) {
	for _, p := range s.parts {
		most = max(most, p.held)
	}
	return most
}

// Done reports whether every topic-partition has ended and all is taken.
func (s *Sequencer) Done() bool {
	for _, p := range s.parts {
		if !p.ended || p.head() != nil {
			return false
		}
	}
	return true
}

// Next returns a batch that ends at a limit, or before it; nil when no record can be taken
// now.
func (s *Sequencer) Next(limit Limit) *row.Batch {
	for !s.full(limit) && !s.isAtStop() {
		p := s.choose()
		if p == nil {
			break
		}
		s.take(p, limit)
	}
	return s.cut()
}

// nextPosition is the position of the next record that is taken.
func (s *Sequencer) nextPosition() int64 { return s.position + int64(len(s.records)) }

// Flush returns the batch that ends a bounded input.
func (s *Sequencer) Flush() *row.Batch { return s.flush() }

// choose returns the part whose head is next, nil if some part must be waited
// for or none has a head.
func (s *Sequencer) choose() *part {
	s.decided = false
	if s.script != nil {
		if p := s.script.of(s.nextPosition()); p != nil {
			if !p.hasNext() {
				return nil
			}
			return p
		}
	}
	var best *part
	var bestTime int64
	for _, p := range s.parts {
		head := p.head()
		if head == nil {
			if p.isAwaited() {
				return nil
			}
			s.decided = true
			continue
		}
		if head.Offset >= p.stop {
			continue
		}
		// -1, no event time, is smaller than all.
		if best == nil || head.EventTime < bestTime {
			best, bestTime = p, head.EventTime
		}
	}
	return best
}

// take moves a part's head into the open batch.
func (s *Sequencer) take(p *part, limit Limit) {
	c := &p.chunks[0]
	r, bytes := c.Records[p.next], c.bytes(p.next)
	if s.decided || s.clock.leaving {
		s.note(p, s.nextPosition())
	}
	if s.script != nil {
		s.script.depart(s.nextPosition())
	}
	p.next++
	p.held -= bytes
	p.offset, s.order = r.Offset+1, s.order.Take(p.key, r.Offset)
	s.clock.tick(p.hand, &r)
	if r.Row >= 0 {
		r.Row = int32(s.table(int(r.Source), limit.room()).AppendFrom(c.Table, int(r.Row)))
	}
	s.add(r, bytes)
	if p.next == len(c.Records) {
		s.memory.giveChunk(c)
		p.chunks[0] = Chunk{}
		p.chunks, p.next = p.chunks[1:], 0
	}
	s.leaveIfDone(p)
}

func (s *Sequencer) leaveIfDone(p *part) {
	if p.departs && p.head() == nil && s.stop == noStop { // in a replay the journal says who leaves
		s.clock.depart(p.hand)
	}
}

func (p *part) head() *row.Record {
	if len(p.chunks) == 0 {
		return nil
	}
	return &p.chunks[0].Records[p.next]
}

// footprint returns the size at which a waiting record is counted, in bytes.
func footprint(r *row.Record) int64 { return Footprint(len(r.Key) + len(r.Value)) }
