package ingest

import (
	"math"

	"parallax/processors/row"
)

// noStop is the offset, or the position, of a stop that there is none of.
const noStop = math.MaxInt64

// StopAt makes the sequencer stop before a position: a batch is cut there, and nothing beyond
// is taken until Resume. ends are the offsets at which the topic-partitions stand there. One
// that is at its end is not waited for, and nothing is taken of it; nor of one that ends does
// not have. What was about to leave the watermark stays in it, unless Follow says otherwise.
func (s *Sequencer) StopAt(ends map[row.TopicPartition]int64, position int64) {
	s.stop = position
	for _, p := range s.parts {
		end, ok := ends[p.at]
		if !ok {
			end = math.MinInt64
		}
		p.stop = end
		p.hand.leave = false
	}
	s.clock.leaving = false
}

// Resume removes the stop, and what was to be followed up to there.
func (s *Sequencer) Resume() {
	s.stop, s.script = noStop, nil
	for _, p := range s.parts {
		p.stop = noStop
		s.leaveIfDone(p)
	}
}

// IsStopped reports whether there is a stop and the sequencer has arrived at it: it stands at
// the position, or no record is left before the ends.
func (s *Sequencer) IsStopped() bool {
	if s.stop == noStop {
		return false
	}
	if s.isAtStop() {
		return true
	}
	if p := s.script.of(s.nextPosition()); p != nil {
		return !p.hasNext() && (p.head() != nil || !p.isAwaited())
	}
	for _, p := range s.parts {
		head := p.head()
		if head != nil && head.Offset < p.stop || head == nil && p.isAwaited() {
			return false
		}
	}
	return true
}

// isAtStop reports whether the next record would have the position of the stop, or one after it.
func (s *Sequencer) isAtStop() bool { return s.nextPosition() >= s.stop }

// isAwaited reports whether a part that has no head must be waited for.
func (p *part) isAwaited() bool { return !p.ended && !p.caughtUp && p.offset < p.stop }
