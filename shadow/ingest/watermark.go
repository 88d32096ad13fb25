package ingest

import "parallax/processors/row"

// clock keeps the task's watermark: the minimum, over the topic-partitions that
// have joined, of the largest event time that each has shown in input order. It
// never goes back.
//
// A topic-partition joins with its first record that has an event time of its
// own: one whose first records cannot be decoded must not hold the others back.
type clock struct {
	watermark int64
	now       int64 // the largest record timestamp so far
	hands     []*hand
	leaving   bool // some hand may have to leave before the next record
}

// hand is the clock's share of one topic-partition.
type hand struct {
	// largest is the largest event time seen; seen that there is one.
	largest int64
	seen    bool
	// joined says that it takes part in the minimum.
	joined bool
	// table: of a table's topic, which takes no part in time.
	table bool
	// leave asks the hand to leave when the next record comes; left says that it
	// has left. Its own next record brings it back.
	leave, left bool
}

func newClock() clock { return clock{watermark: row.NoWatermark, now: -1} }

// add gives a topic-partition its hand.
func (c *clock) add(table bool) *hand {
	h := &hand{table: table}
	c.hands = append(c.hands, h)
	return h
}

// tick lets a record pass and sets its EventTime, Watermark and Now.
func (c *clock) tick(h *hand, r *row.Record) {
	if r.Timestamp <= row.MaxEventTime { // beyond it NOW() would stay there for good
		c.now = max(c.now, r.Timestamp)
	}
	r.Now = c.now
	if c.leaving {
		c.leaving = false
		for _, other := range c.hands {
			other.left = other.left || other.leave
		}
	}
	switch {
	case r.State == row.Undecodable:
	case r.EventTime < 0: // a null value under timestamp=
		if r.EventTime = min(max(r.Timestamp, 0), row.MaxEventTime); h.seen {
			r.EventTime = h.largest
		}
	default:
		h.largest, h.seen = max(h.largest, r.EventTime), true
		h.joined, h.left, h.leave = !h.table, false, false
	}
	c.advance()
	r.Watermark = c.watermark
}

// advance takes the minimum over the hands that count; with none the watermark
// stays.
func (c *clock) advance() {
	lowest, any := int64(0), false
	for _, h := range c.hands {
		if h.joined && !h.left && (!any || h.largest < lowest) {
			lowest, any = h.largest, true
		}
	}
	if any {
		c.watermark = max(c.watermark, lowest)
	}
}

// depart asks a hand to leave before the next record.
func (c *clock) depart(h *hand) {
	h.leave = true
	c.leaving = true
}
