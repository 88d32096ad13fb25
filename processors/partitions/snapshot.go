package partitions

import (
	"errors"
	"fmt"
	"iter"

	"parallax/processors/state"
)

// freeze fixes the state of each stage. No batch may be in flight.
func (v *coordinator) freeze() []iter.Seq[state.Entry] {
	all := make([]iter.Seq[state.Entry], len(v.queries))
	for q := range v.queries {
		parts := make([]iter.Seq[state.Entry], len(v.partitions))
		for i, p := range v.partitions {
			parts[i] = p.engines[q].Freeze()
		}
		all[q] = oneAfterAnother(parts)
	}
	return all
}

// oneAfterAnother lists the entries of all partitions.
func oneAfterAnother(parts []iter.Seq[state.Entry]) iter.Seq[state.Entry] {
	return func(yield func(state.Entry) bool) {
		for _, entries := range parts {
			for e := range entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// restore replaces the state of one stage: each entry goes to the partition of its key's
// records. No batch may be in flight.
func (v *coordinator) restore(q int, entries []state.Entry) error {
	router := v.queries[q].inputs[0].router
	parts := make([][]state.Entry, len(v.partitions))
	for _, e := range entries {
		p, ok := router.Place(e.Hash, e.Partition)
		if !ok {
			return fmt.Errorf("v2: restore: %s is routed by %s, which does not say where a key's state belongs", v.describeQuery(q), router.Strategy())
		}
		parts[p] = append(parts[p], e)
	}
	for i, p := range v.partitions {
		p.engines[q].Restore(parts[i])
	}
	return nil
}

// restored resets the counters after all stages have been restored.
func (v *coordinator) restored(position, watermark int64) {
	for _, p := range v.partitions {
		var keys int64
		for _, e := range p.engines {
			keys += e.Keys()
		}
		p.keys.Store(keys)
	}
	v.position, v.watermark = position, watermark
}

// atRest returns an error while the engines must not be used from outside.
func (v *coordinator) atRest() error {
	switch {
	case v.failure != nil:
		return v.failure
	case v.flight.batches.Load() != 0:
		return errors.New("a batch is in flight")
	}
	return nil
}
