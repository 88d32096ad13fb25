package diff

import (
	"slices"

	"parallax/processors/row"
)

// acrossOutputs is the shape of a divergence in the relative order of several outputs'
// rows.
const acrossOutputs = "across outputs"

// compareAcross compares the relative order of the rows of several outputs, which is part
// of the total order. It uses the outputs whose own rows are equal on both sides: any other
// output already breaks E1 and reports where. It reports at most one divergence for a
// batch, at the first place where the sides have rows of different outputs. d.scratch has
// the rows by query.
func (d *Differ) compareAcross(v1, v2 []row.Change) {
	if len(d.sinks) < 2 {
		return
	}
	same := make([]bool, len(d.sinks))
	for q := range d.sinks {
		same[q] = areSameRows(d.scratch.rows[V1][q], d.scratch.rows[V2][q])
	}
	i, j := -1, -1
	for {
		if i, j = nextOf(v1, i, same), nextOf(v2, j, same); i == len(v1) || j == len(v2) {
			return
		}
		if v1[i].Query != v2[j].Query {
			break
		}
	}
	d.mixed, d.part.mixed = true, true
	if d.opt.Require < E1 {
		return
	}
	one, two := &v1[i], &v2[j]
	ex := d.example(pair{sink: d.sinks[one.Query], one: one, cause: one})
	ex.V2, ex.V2Partitions = d.rowText(d.sinks[two.Query], two), []int32{two.Partition}
	ex.Columns = []ColumnDiff{{Name: "output", V1: d.sinks[one.Query].Topic, V2: d.sinks[two.Query].Topic}}
	d.found.add(divergence{class: Reorder, root: true, topic: ex.Topic, shape: acrossOutputs, example: ex})
}

// nextOf is the index of the first row after i of an output that is the same on both
// sides.
func nextOf(rows []row.Change, i int, same []bool) int {
	for i++; i < len(rows) && !same[rows[i].Query]; i++ {
	}
	return i
}

// ofKnownOutputs returns V2's rows without those of outputs that the job does not have;
// these are reported as one divergence for a batch.
func (d *Differ) ofKnownOutputs(v2 []row.Change) []row.Change {
	isUnknown := func(c row.Change) bool { return int(c.Query) >= len(d.sinks) }
	i := slices.IndexFunc(v2, isUnknown)
	if i < 0 {
		return v2
	}
	d.mixed, d.part.mixed = true, true
	d.found.add(divergence{class: Extra, root: true, shape: "unknown output", example: Example{
		Batch: d.batch.Seq, V2Partitions: []int32{v2[i].Partition},
		Columns: []ColumnDiff{{Name: "output", V1: "one of " + count(int64(len(d.sinks))), V2: "number " + count(int64(v2[i].Query)+1)}},
	}})
	return slices.DeleteFunc(slices.Clone(v2), isUnknown)
}
