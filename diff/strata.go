package diff

import (
	"slices"

	"parallax/processors/row"
)

// The names of the strata. That of windows is followed by their type: tumbling, hopping or
// session.
const (
	StratumTombstones  = "tombstones"
	StratumRetractions = "retractions"
	StratumNullKeys    = "null_keys"
	StratumLate        = "late"
	StratumWindow      = "window:"
)

// strata counts what was compared of kinds of rows that a run may lack: a pass says nothing
// about a kind that did not occur.
type strata struct {
	// tombstones are V1's rows that are deletions, retractions those that withdraw an earlier
	// row, nullKeys those with NULL in the key. late counts each window for which a record was
	// late.
	tombstones, retractions, nullKeys, late int64
}

func (s *strata) add(o strata) {
	s.tombstones += o.tombstones
	s.retractions += o.retractions
	s.nullKeys += o.nullKeys
	s.late += o.late
}

// strataOf counts the rows of an outcome of V1. Comparing equal rows counts them as well,
// without another pass.
func strataOf(v1 *row.Outcome) strata {
	s := strata{late: v1.Late}
	for i := range v1.Changes {
		c := &v1.Changes[i]
		if c.Deleted() {
			s.tombstones++
		}
		if c.Step == 0 {
			s.retractions++
		}
		if hasNull(c.Key) {
			s.nullKeys++
		}
	}
	return s
}

func hasNull(key []row.Value) bool { return slices.ContainsFunc(key, row.Value.IsNull) }

// Strata returns how many rows of V1 were compared by stratum, without those that did not
// occur.
func (d *Differ) Strata() map[string]int64 {
	counts := map[string]int64{}
	add := func(name string, n int64) {
		if n > 0 {
			counts[name] += n
		}
	}
	add(StratumTombstones, d.strata.tombstones)
	add(StratumRetractions, d.strata.retractions)
	add(StratumNullKeys, d.strata.nullKeys)
	add(StratumLate, d.strata.late)
	for q, s := range d.sinks {
		switch {
		case s.Session:
			add(StratumWindow+"session", d.queries[q].rows)
		case s.Hopping:
			add(StratumWindow+"hopping", d.queries[q].rows)
		case s.Windowed:
			add(StratumWindow+"tumbling", d.queries[q].rows)
		}
	}
	return counts
}
