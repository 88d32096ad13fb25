package exec_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec"
	"parallax/processors/row"
	"parallax/processors/state"
)

func TestAnEngineGoesOnFromASnapshotAndLeavesItAsItWas(t *testing.T) {
	for _, query := range queries {
		t.Run(query, func(t *testing.T) {
			p := compile(t, trades+query)
			rapid.Check(t, func(rt *rapid.T) {
				batches := read(t, p, lines(t, randomLines(rt)...), 7, true)
				cut := rapid.IntRange(0, len(batches)).Draw(rt, "cut")

				e := engine(t, p, exec.Options{})
				through(e, batches[:cut]...)
				entries, held := e.Snapshot(), e.Keys()
				want := show(through(e, batches[cut:]...).Changes)

				// Twice: the first restored engine must not have written to it.
				for range 2 {
					restored := engine(t, p, exec.Options{})
					restored.Restore(entries)
					if restored.Keys() != held {
						rt.Fatalf("%d groups were restored of %d", restored.Keys(), held)
					}
					if got := show(through(restored, batches[cut:]...).Changes); !slices.Equal(got, want) {
						rt.Fatalf("it goes on with\n%q\nwant\n%q", got, want)
					}
				}
			})
		})
	}
}

func TestRestoreForgetsWhatWasThere(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol;`)
	e := engine(t, p, exec.Options{})
	through(e, read(t, p, lines(t, `1 {"symbol":"A"}`, `2 {"symbol":"B"}`), 10, false)...)
	e.Restore(nil)
	if e.Keys() != 0 || len(e.Snapshot()) != 0 {
		t.Errorf("%d groups are left", e.Keys())
	}
}

func TestAnEntrySaysWhereItsKeysRecordsAreRouted(t *testing.T) {
	p := compile(t, trades+`SELECT symbol, quantity / 2 AS half, COUNT(*) AS n FROM trades GROUP BY symbol, quantity / 2;`)
	b := read(t, p, lines(t, `1 {"symbol":"A","quantity":4}`, `2 {"symbol":"A","quantity":5}`, `3 {"quantity":9}`, `4 {}`), 10, false)[0]
	key, err := exec.CompileKey(p.Queries[0].Split.By)
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64]bool{}
	for i := range b.Len() {
		want[row.Hash(key(b, i))] = true
	}
	e := engine(t, p, exec.Options{})
	through(e, b)
	entries := e.Snapshot()
	if len(entries) != 3 || len(want) != 3 {
		t.Fatalf("%d entries and %d routes of 3 groups", len(entries), len(want))
	}
	for _, entry := range entries {
		if !want[entry.Hash] {
			t.Errorf("no record is routed to %x", entry.Hash)
		}
	}
}

func TestAKeyThatFailsIsNull(t *testing.T) {
	p := compile(t, trades+`SELECT 10 / quantity AS k, COUNT(*) AS n FROM trades GROUP BY 10 / quantity;`)
	b := read(t, p, lines(t, `1 {"quantity":5}`, `2 {"quantity":0}`, `3 {}`), 10, false)[0]
	key, err := exec.CompileKey(p.Queries[0].Split.By)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []row.Value{row.NewInt(2), {}, {}} {
		if got := key(b, i); len(got) != 1 || !row.Equal(got[0], want) {
			t.Errorf("record %d has key %v, want %s", i, got, want)
		}
	}
}

func TestAGlobalAggregateHasNoRoute(t *testing.T) {
	p := compile(t, trades+`SELECT COUNT(*) AS n FROM trades;`)
	e := engine(t, p, exec.Options{})
	through(e, read(t, p, lines(t, `1 {"symbol":"A"}`), 10, false)...)
	if got := e.Snapshot(); len(got) != 1 || got[0].Hash != 0 {
		t.Errorf("entries are %v, want one with hash 0", []state.Entry(got))
	}
}
