package processors_test

import (
	"fmt"
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/processortest"
	"parallax/processors/route"
	"parallax/processors/row"
)

// The small benchmark that this project started from: 5,000 records of 20
// groups in turn, all in one window that emits every group again for each
// record. One pipeline emits 99,810 rows. V2's partitions only know their own
// groups, so they emit less, and are right: a partition with n records of g
// groups that come in turn emits n·g - g(g-1)/2.
func TestRowsOfAWindowThatIsEmittedWholeForEachRecord(t *testing.T) {
	const records, groups = 5000, 20
	trades := make([]processortest.Trade, records)
	keys := make([][]row.Value, groups)
	for i := range trades {
		trader, symbol := fmt.Sprintf("TRADER%d", i%groups), fmt.Sprintf("SYM%d", i%groups)
		trades[i] = processortest.Trade{Trader: trader, Symbol: symbol, Quantity: int64(i), Time: 1_700_000_040_000 + int64(i)}
		keys[i%groups] = []row.Value{row.NewString(trader), row.NewString(symbol)}
	}
	batches := processortest.Batches(trades, 1000, true)
	plan := processortest.Plan(processortest.WindowTotals())

	rows := func(p processors.Processor) int { return len(run(t, p, batches).Changes) }
	if got := rows(newV1(t, plan)); got != 99_810 {
		t.Errorf("V1 emits %d rows, want 99,810", got)
	}
	for n, want := range map[int]int{2: 49_910, 4: 24_960} {
		evenly := map[string]int{}
		for g, key := range keys {
			evenly[string(row.AppendKey(nil, key...))] = g % n
		}
		if got := rows(newV2(t, plan, n, partitions.Hooks{Assign: evenly})); got != want {
			t.Errorf("with the groups dealt evenly over %d partitions V2 emits %d rows, want %d", n, got, want)
		}
	}
	for _, n := range []int{1, 2, 3, 4, 8} {
		held := make([]int, n)
		for _, key := range keys {
			held[route.Hashed(row.Hash(key), n)]++
		}
		want := 0
		for _, g := range held {
			want += records/groups*g*g - g*(g-1)/2
		}
		if got := rows(newV2(t, plan, n, partitions.Hooks{})); got != want {
			t.Errorf("hashed over %d partitions as %v V2 emits %d rows, want %d", n, held, got, want)
		}
	}
}
