package diff

import "parallax/processors/row"

// isUneventful reports whether both sides have equal rows and no identity needs further
// checks, as is so for almost every batch. It needs one pass over the rows. If it returns
// true it has noted the rows; if it returns false it has changed nothing that counts, and
// the batch must be compared closely.
func (d *Differ) isUneventful(v1, v2 []row.Change) bool {
	d.comparison++
	if len(v1) != len(v2) {
		return false
	}
	v2 = v2[:len(v1)]
	d.touched = d.touched[:0]
	var tombstones, retractions int64
	for i := range v1 {
		a, b := &v1[i], &v2[i]
		if a.Query != b.Query || a.WindowStart != b.WindowStart || a.WindowEnd != b.WindowEnd || a.Timestamp != b.Timestamp ||
			a.Deleted() != b.Deleted() || !d.rowsAgree(a, b, i) {
			return false
		}
		if a.Deleted() {
			tombstones++
		}
		if a.Step == 0 {
			retractions++
		}
	}
	d.inBatch.tombstones, d.inBatch.retractions = tombstones, retractions
	// All rows agree: the last rows of the identities can be set.
	for _, id := range d.touched {
		now := lastOf(id.key.Data.of.sink, &v1[id.at])
		id.last[V1], id.last[V2] = now, now
		if id.apart {
			id.setApart(false)
		}
	}
	return true
}

// rowsAgree compares the keys and values of row i of both sides. It returns false also for
// an identity that needs further checks.
func (d *Differ) rowsAgree(a, b *row.Change, i int) bool {
	output := d.ids.outputs[a.Query]
	if output == nil {
		return row.EqualValues(a.Key, b.Key) && row.EqualValues(a.Values, b.Values)
	}
	k := output.find(V1, a)
	if !row.EqualKeyed(a, b, output.leading) {
		return false
	}
	id := d.ids.in(k, a)
	d.ids.count(id)
	if k.Data.hasNull {
		d.inBatch.nullKeys++
	}
	switch {
	case id.tainted:
		return false
	case id.partition != b.Partition && !output.sink.AnyPartition:
		if id.partition >= 0 {
			return false
		}
		id.partition = b.Partition
	}
	if id.comparison != d.comparison {
		id.comparison = d.comparison
		d.touched = append(d.touched, id)
	}
	id.at = int32(i)
	return true
}
