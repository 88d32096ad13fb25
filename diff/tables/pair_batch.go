package tables

import (
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// pairBatch is a batch of identities that differ.
type pairBatch struct {
	c         *comparison
	sink      *row.Sink
	places    map[string]int
	records   []row.Record
	changes   [2][]row.Change
	pairs     int64 // with a row on both sides
	alone     int64
	differing int64 // that no rule tolerates, with those that are alone
}

func newPairBatch(c *comparison, sink *row.Sink, places map[string]int) *pairBatch {
	return &pairBatch{c: c, sink: sink, places: places}
}

// add adds an identity. It counts as different if its row can no longer be read.
func (b *pairBatch) add(e *entry, rows *[2]kept) {
	r := &b.c.result
	if b.c.asBag {
		b.addBag(e, rows)
		return
	}
	present := [2]bool{e.isPresent(diff.V1), e.isPresent(diff.V2)}
	for side := range present {
		if present[side] && !rows[side].found {
			r.Vanished++
			r.Differing++
			b.differing++
			for side := range r.Ledger {
				if e.count[side] > 0 {
					r.Ledger[side].Differing++
				}
			}
			return
		}
	}
	for side := range present {
		switch {
		case present[side]:
			b.addRow(diff.Side(side), &rows[side], e)
		case e.count[side] > 0: // its last row is a deletion
			other := &rows[1-side]
			change := b.change(other, e)
			change.Values = nil
			b.changes[side] = append(b.changes[side], change)
		}
	}
	b.record(rows)
	if present[diff.V1] && present[diff.V2] {
		b.pairs++
		return
	}
	b.alone++
	side := diff.V1
	if present[diff.V2] {
		side = diff.V2
	}
	r.Alone[side]++
	r.Ledger[side].Alone++
	if e.count[1-side] > 0 {
		r.Ledger[1-side].Differing++ // a deletion of what the other side has
	}
}

// record adds the record at which a row of the identity is.
func (b *pairBatch) record(rows *[2]kept) {
	at := rows[diff.V1].place
	if !rows[diff.V1].found {
		at = rows[diff.V2].place
	}
	b.records = append(b.records, at)
}

// addBag adds the rows that one side has more often than the other.
func (b *pairBatch) addBag(e *entry, rows *[2]kept) {
	side, n := diff.V1, int64(e.count[diff.V1])-int64(e.count[diff.V2])
	if n < 0 {
		side, n = diff.V2, -n
	}
	b.c.result.Alone[side] += n
	b.c.result.Ledger[side].Alone += n
	b.alone += n
	if !rows[side].found {
		b.c.result.Vanished++
		b.differing += n
		return
	}
	for range n {
		b.addRow(side, &rows[side], e)
		b.record(rows)
	}
}

func (b *pairBatch) addRow(side diff.Side, k *kept, e *entry) {
	change := b.change(k, e)
	change.Values = make([]row.Value, len(b.sink.Values))
	for i := range change.Values {
		change.Values[i] = diff.Absent
	}
	for i, name := range k.row.names {
		change.Values[b.places[name]] = k.row.values[i]
	}
	b.changes[side] = append(b.changes[side], change)
}

// change is a row of the identity without values.
func (b *pairBatch) change(k *kept, e *entry) row.Change {
	c := row.Change{Position: int64(len(b.records)), Phase: 1, Step: 1, Cause: int32(len(b.records)), Timestamp: k.row.timestamp}
	for _, text := range k.row.key {
		c.Key = append(c.Key, row.NewString(text))
	}
	if b.sink.Windowed {
		c.WindowStart, c.WindowEnd = k.row.window.Start, e.end
	}
	return c
}

// compare compares the batch, and books its rows.
func (b *pairBatch) compare(d *diff.Differ) {
	if len(b.records) == 0 {
		return
	}
	batch := row.NewBatch(0, 0, slices.Clone(b.records), nil)
	before := d.Result().Outputs[0].ToleratedRows
	dispositions := make([]row.Disposition, batch.Len())
	d.Compare(
		&row.Outcome{Batch: batch, Changes: b.changes[diff.V1], Dispositions: dispositions},
		&row.Outcome{Batch: batch, Changes: b.changes[diff.V2], Dispositions: dispositions},
	)
	tolerated := d.Result().Outputs[0].ToleratedRows - before
	r := &b.c.result
	r.Differing += b.pairs - tolerated
	b.differing += b.pairs - tolerated + b.alone
	for side := range r.Ledger {
		r.Ledger[side].Tolerated += tolerated
		r.Ledger[side].Differing += b.pairs - tolerated
	}
}
