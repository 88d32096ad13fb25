package diff

import "parallax/processors/row"

// was is what was remembered of an identity before a comparison.
type was struct {
	id   *identity
	last [2]last
}

// follows takes a batch on which both sides agree and nothing is out of the
// ordinary, in one pass over the rows. It is what almost every batch is. Where it
// returns false it has found that there is more to say, and has said and changed
// nothing.
func (d *Differ) follows(v1, v2 []row.Change) bool {
	if len(v1) != len(v2) {
		return false
	}
	v2 = v2[:len(v1)]
	d.comparison++
	d.before = d.before[:0]
	for i := range v1 {
		a, b := &v1[i], &v2[i]
		if a.Query != b.Query || a.WindowStart != b.WindowStart || a.WindowEnd != b.WindowEnd || a.Timestamp != b.Timestamp ||
			a.Deleted() != b.Deleted() || !row.EqualValues(a.Key, b.Key) || !d.agrees(a, b) {
			for _, w := range d.before {
				w.id.last = w.last
			}
			return false
		}
	}
	return true
}

// agrees compares the values of two rows of one key and notes them as their
// identity's last.
func (d *Differ) agrees(a, b *row.Change) bool {
	output := d.ids.outputs[a.Query]
	if output == nil {
		return row.EqualValues(a.Values, b.Values)
	}
	var now last
	if !a.Deleted() {
		if now.digest, now.present = row.Agree(a, b, output.sink.FromKey); !now.present {
			return false
		}
	}
	id := d.ids.in(output.find(a), a)
	switch {
	case id.tainted:
		return false
	case id.partition != b.Partition && !output.sink.AnyPartition:
		if id.partition >= 0 {
			return false
		}
		id.partition = b.Partition
	}
	if id.touched != d.comparison {
		id.touched = d.comparison
		d.before = append(d.before, was{id, id.last})
	}
	id.last[V1], id.last[V2] = now, now
	return true
}
