package diff

import "parallax/processors/row"

// IsTimely reports whether, by the watermarks of the batch, a row of a sink comes while its
// window may still change; for EMIT FINAL, when its window closes. The watermark before the
// batch is taken for unknown. A row without a window is always timely.
func IsTimely(s *row.Sink, b *row.Batch, c *row.Change) bool {
	if !s.Windowed {
		return true
	}
	closing := closes(s, c.WindowEnd)
	before, now := timesIn(b, row.NoWatermark, c.Position)
	if c.Phase == 0 {
		return before < closing && (!s.Final || closing <= now)
	}
	return now < closing && !s.Final
}

// Shift returns by how much a row's window must be moved so that it closes exactly at a
// watermark.
func Shift(s *row.Sink, c *row.Change, watermark int64) int64 {
	return watermark - closes(s, c.WindowEnd)
}

// Times returns the watermarks before and after time moved at a position of a batch. The one
// before the batch is NoWatermark.
func Times(b *row.Batch, position int64) (before, now int64) {
	return timesIn(b, row.NoWatermark, position)
}
