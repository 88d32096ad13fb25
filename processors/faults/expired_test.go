package faults

import (
	"testing"

	"parallax/processors/state"
)

// counting counts how many entries are described.
type counting struct{ n *int }

func (c counting) Describe(state.Entry) (key, text string) {
	*c.n++
	return "key", ""
}

// TestLookingForAnExpiredEntryIsLinear: how often entries are looked at grows with the input, not
// with its square, also with a record in each batch.
func TestLookingForAnExpiredEntryIsLinear(t *testing.T) {
	described := 0
	e := &expiredStays{describers: []state.Describer{counting{&described}}}
	const records = 1000
	for n := range records { // each record adds an entry
		if e.isDue() {
			e.look(&state.Snapshot{Queries: [][]state.Entry{make([]state.Entry, n)}})
		}
	}
	if described == 0 || described > 8*records {
		t.Errorf("%d entries were looked at for %d records", described, records)
	}
}
