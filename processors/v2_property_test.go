package processors_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

func TestCutsThatFallAnywhereChangeNothing(t *testing.T) {
	p := plans["several queries"]
	rapid.Check(t, func(rt *rapid.T) {
		trades := processortest.RandomTrades(rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(0, 300).Draw(rt, "records"))
		want := run(t, newV1(t, p()), processortest.Batches(trades, 300, true))

		var batches []*row.Batch
		first, watermark := 0, int64(row.NoWatermark)
		for first < len(trades) {
			size := min(rapid.IntRange(1, 60).Draw(rt, "size"), len(trades)-first)
			piece := processortest.BatchesFrom(int64(len(batches)), int64(first), watermark, trades[first:first+size], size, false)
			batches = append(batches, piece...)
			first, watermark = first+size, batches[len(batches)-1].Watermark()
		}
		batches = slices.Concat(batches, []*row.Batch{row.NewFlush(int64(len(batches)), int64(first), 1)})

		n := rapid.IntRange(1, 9).Draw(rt, "partitions")
		v2, err := factory.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: n}, p(), processors.Options{LateToDeadLetter: true})
		if err != nil {
			rt.Fatal(err)
		}
		got, err := processortest.Run(v2, batches)
		if err != nil {
			rt.Fatal(err)
		}
		if err := v2.Close(); err != nil {
			rt.Fatal(err)
		}
		if d := got.Difference(want); d != "" {
			rt.Fatal(d)
		}
	})
}
