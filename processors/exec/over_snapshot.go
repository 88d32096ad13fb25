package exec

import (
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
// stays with the engine that wrote it.
func (s *overState) clone() overState {
	c := *s
	c.words, c.texts, c.written = slices.Clone(s.words), slices.Clone(s.texts), nil
	c.deques, c.rings = slices.Clone(s.deques), slices.Clone(s.rings)
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
	var entries []state.Entry
	for _, k := range o.partitions.InOrder() {
		saved := overEntry{key: k.Values, partition: k.Data.clone()}
		for _, r := range o.refolds {
			saved.tallies = append(saved.tallies, r.Tallies(&aggregate.Group{Words: k.Data.words}))
		}
		e := state.Entry{Partition: k.Data.partition, State: saved}
		if len(o.partitionBy) > 0 {
			e.Hash = k.Hash
		}
		entries = append(entries, e)
	}
	return entries
}

func (o *over) restore(entries []state.Entry) {
	o.partitions, o.written = row.KeyTable[overState]{}, 0
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
