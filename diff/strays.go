package diff

import (
	"fmt"

	"parallax/processors/row"
)

// compareStrays reports the rows that V2's merge dropped or moved; in a correct V2 there
// are none. For a batch and output each kind is one divergence, with the first such row as
// the example. If no row was recorded, it is one divergence without an example.
func (d *Differ) compareStrays(v2 *row.Outcome) {
	for _, kind := range []struct {
		n       int64
		dropped bool
		class   Class
		shape   string
	}{{v2.Deduplicated, true, Duplicate, "merge dropped"}, {v2.Reordered, false, Reorder, "merge moved"}} {
		if kind.n <= 0 {
			continue
		}
		found := divergence{class: kind.class, root: true, shape: kind.shape, example: Example{Batch: v2.Batch.Seq}}
		retried, some := true, false
		for i := range v2.Strays {
			s := &v2.Strays[i]
			if s.Dropped != kind.dropped || int(s.Change.Query) >= len(d.sinks) {
				continue
			}
			if !some {
				some, found.topic, found.example = true, d.sinks[s.Change.Query].Topic, d.stray(s)
			}
			retried = retried && s.KeptFrom == s.Change.Partition
		}
		if some && retried && kind.dropped { // one partition made both rows
			found.sure = only(Retried)
		}
		found.example.Columns = []ColumnDiff{{Name: kind.shape, V1: "0", V2: count(kind.n)}}
		d.found.add(beside(found))
	}
}

// stray shows a row that merge dropped or moved.
func (d *Differ) stray(s *row.Stray) Example {
	c := &s.Change
	ex := d.example(pair{sink: d.sinks[c.Query], two: c, cause: c})
	ex.Place = fmt.Sprintf("position %d, phase %d, step %d, number %d", c.Position, c.Phase, c.Step, c.Ordinal)
	if s.Dropped && s.KeptFrom != c.Partition {
		ex.V2Partitions = []int32{s.KeptFrom, c.Partition}
	}
	return ex
}
