package exec

import (
	"iter"
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
	"parallax/processors/state"
)

// overEntry is a partition outside an engine.
type overEntry struct {
	key       []row.Value
	partition overState
	tallies   [][]aggregate.Tally // of each refold
}

// clone copies what a partition may still write to. What was written of its key
// stays with the engine that wrote it, and so does the mark.
func (s *overState) clone() overState {
	c := overState{
		rows: s.rows, time: s.time, rank: s.rank, dense: s.dense, partition: s.partition,
		words: slices.Clone(s.words), texts: slices.Clone(s.texts),
		deques: slices.Clone(s.deques), rings: slices.Clone(s.rings),
	}
	for i := range c.deques {
		c.deques[i] = c.deques[i].clone()
	}
	for i := range c.rings {
		c.rings[i] = c.rings[i].clone()
	}
	return c
}

// snapshot lists all partitions, keys in order.
func (o *over) snapshot() []state.Entry {
	var layouts []*aggregate.Layout
	for _, r := range o.refolds {
		layouts = append(layouts, &r.Layout)
	}
	return o.partitions.inOrder(o.entriesWith(layouts))
}

func (o *over) freeze() iter.Seq[state.Entry] {
	var layouts []*aggregate.Layout
	for _, r := range o.refolds {
		layouts = append(layouts, r.ForReaders())
	}
	return o.partitions.freeze(o.entriesWith(layouts))
}

// entriesWith returns what copies a partition, whose tallies the layouts of the refolds have.
func (o *over) entriesWith(layouts []*aggregate.Layout) func([]state.Entry, *row.Key[overState]) []state.Entry {
	return func(entries []state.Entry, k *row.Key[overState]) []state.Entry {
		saved := overEntry{key: k.Values, partition: k.Data.clone()}
		for _, l := range layouts {
			saved.tallies = append(saved.tallies, l.Tallies(&aggregate.Group{Words: k.Data.words}, nil))
		}
		e := state.Entry{Partition: k.Data.partition, State: saved}
		if len(o.partitionBy) > 0 {
			e.Hash = k.Hash
		}
		return append(entries, e)
	}
}

func (o *over) restore(entries []state.Entry) {
	o.partitions, o.written = keyTable[overState, *overState]{}, 0
	for _, r := range o.refolds {
		r.ForgetTallies()
	}
	for _, e := range entries {
		saved := e.State.(overEntry)
		k := o.partitions.Add(row.Hash(saved.key), saved.key)
		k.Data = saved.partition.clone()
		k.Data.partition = e.Partition
		for i, r := range o.refolds {
			r.Keep(&aggregate.Group{Words: k.Data.words}, saved.tallies[i])
		}
		o.keepWritten(&k.Data)
	}
}
