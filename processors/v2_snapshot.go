package processors

import (
	"errors"
	"fmt"

	"parallax/processors/state"
)

// Snapshot returns V2's state, which can be restored at any partition count and
// into V1. No batch may be in flight.
func (v *V2) Snapshot() (*state.Snapshot, error) {
	if err := v.atRest(); err != nil {
		return nil, fmt.Errorf("v2: snapshot: %w", err)
	}
	s := &state.Snapshot{Position: v.position, Watermark: v.watermark, Queries: make([][]state.Entry, len(v.queries))}
	for q := range v.queries {
		for _, p := range v.partitions {
			s.Queries[q] = append(s.Queries[q], p.engines[q].Snapshot()...)
		}
	}
	return s, nil
}

// Restore replaces the state of all partitions: each entry goes where its key's
// records are routed to. No batch may be in flight.
func (v *V2) Restore(s *state.Snapshot) error {
	if err := v.atRest(); err != nil {
		return fmt.Errorf("v2: restore: %w", err)
	}
	if len(s.Queries) != len(v.queries) {
		return fmt.Errorf("v2: restore: the snapshot is of %d queries, the plan has %d", len(s.Queries), len(v.queries))
	}
	for _, p := range v.partitions {
		p.keys.Store(0)
	}
	for q, entries := range s.Queries {
		router := v.queries[q].router
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
			p.keys.Add(p.engines[q].Keys())
		}
	}
	v.position, v.watermark = s.Position, s.Watermark
	return nil
}

// atRest says why V2's engines may not be touched from outside.
func (v *V2) atRest() error {
	switch {
	case v.failure != nil:
		return v.failure
	case len(v.free) != inFlight:
		return errors.New("a batch is in flight")
	}
	return nil
}
