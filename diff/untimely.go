package diff

import "parallax/processors/row"

// pass advances time to the end of a batch.
func (d *Differ) pass(b *row.Batch) {
	w := b.Watermark()
	d.ids.forget(w)
	if w != row.NoWatermark {
		d.watermark = w
	}
}

// untimely classifies a row that only V2 has by the time at which its window closes,
// according to the source's watermark: late if the window was closed before; early if the
// window's rows are emitted when it closes and it is still open. "" is neither.
func (d *Differ) classifyUntimely(q int, c *row.Change) (Class, Hypothesis) {
	sink := d.sinks[q]
	if !sink.Windowed {
		return "", ""
	}
	closing := closes(sink, c.WindowEnd)
	before, now := d.times(c.Position)
	switch {
	case c.Phase == 0 && closing <= before:
		return Late, ClockBehind
	case c.Phase != 0 && closing <= now:
		return Late, LateAccepted
	case sink.Final && closing > now:
		return Early, ClockAhead
	}
	return "", ""
}

// hadClosed reports whether a row's window was closed, according to the source's watermark,
// before the row was made.
func (d *Differ) hadClosed(q int, c *row.Change) bool {
	sink := d.sinks[q]
	if !sink.Windowed {
		return false
	}
	before, now := d.times(c.Position)
	if c.Phase != 0 {
		before = now
	}
	return closes(sink, c.WindowEnd) <= before
}

// times are the watermarks before and after time moved at a position of the batch.
func (d *Differ) times(position int64) (before, now int64) {
	return timesIn(d.batch, d.watermark, position)
}

// timesIn is times for a batch, before which the watermark is start.
func timesIn(b *row.Batch, start, position int64) (before, now int64) {
	i := int(max(position-b.First, 0)) // a faulty V2 may return any position
	if before = start; i > 0 && b.Len() > 0 {
		before = b.Record(min(i, b.Len()) - 1).Watermark
	}
	if i < b.Len() {
		return before, b.Record(i).Watermark
	}
	return before, b.Watermark()
}

// droppedAsLate reports whether V2 dropped the record that caused a row of V1 as late.
func (d *Differ) droppedAsLate(c *row.Change) bool {
	i := int(c.Cause)
	one, two := d.dispositions[V1], d.dispositions[V2]
	return c.Phase != 0 && i >= 0 && i < len(one) && i < len(two) && one[i] != row.Late && two[i] == row.Late
}
