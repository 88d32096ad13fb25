package diff

import "parallax/processors/row"

// closing is the place at which time closed a window.
type closing struct {
	query                uint16
	position, start, end int64
}

func closingOf(c *row.Change) closing {
	return closing{c.Query, c.Position, c.WindowStart, c.WindowEnd}
}

// emitted records, for a batch that is examined, from which partitions V2 has rows, and
// which windows its rows show as closed.
func (d *Differ) noteEmitting(v2 []row.Change) {
	clear(d.closed)
	for i := range v2 {
		c := &v2[i]
		d.emitting[c.Partition] = d.comparison
		if c.Phase == 0 && d.sinks[c.Query].Final {
			d.closed[closingOf(c)] = true
		}
	}
}

// unclosed reports whether a row of V1 belongs to a window that time closed and for which
// V2 has no row under any key.
func (d *Differ) isUnclosed(c *row.Change) bool {
	return c.Phase == 0 && d.sinks[c.Query].Final && !d.closed[closingOf(c)]
}

// silent reports whether V2 has no row in the batch from an identity's partition, but has
// rows from others. If that partition is not known, it reports whether V2 has no row from
// any of the partitions that had rows in another examined batch.
func (d *Differ) isSilent(partition int32) bool {
	silent, others := partition >= 0 && d.emitting[partition] != d.comparison, false
	for _, at := range d.emitting {
		others = others || at == d.comparison
		silent = silent || partition < 0 && at != d.comparison
	}
	return silent && others
}

// lost is why a partition may be silent.
func (d *Differ) lost() Hypothesis {
	for i := range d.batch.Len() {
		if d.batch.Record(i).State == row.Undecodable {
			return BadRecord
		}
	}
	return PartLost
}
