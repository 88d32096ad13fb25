package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// BenchmarkDisagree compares batches of which V2 has a quarter wrong, in every batch:
// what it costs to be told of them must not depend on how many there were before.
func BenchmarkDisagree(b *testing.B) {
	value := func(two []row.Change) []row.Change {
		for i := 0; i < len(two); i += 4 {
			two[i].Values[4] = row.NewBigint(-1)
		}
		return two
	}
	for _, c := range []struct {
		name  string
		spoil func(two []row.Change) []row.Change
		rules []diff.Rule
	}{
		{"missing", func(two []row.Change) []row.Change {
			var kept []row.Change
			for i := range two {
				if i%4 != 0 {
					kept = append(kept, two[i])
				}
			}
			return kept
		}, nil},
		{"value", value, nil},
		{"tolerated", value, []diff.Rule{{Column: tradeSink().Values[4].Name, Absolute: 1e9}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			const rows = 1000
			one, two := tradeRows(rows, 400, true)
			two.Changes = c.spoil(two.Changes)
			d := diff.New([]*row.Sink{tradeSink()}, diff.Options{Rules: c.rules})
			b.ReportAllocs()
			for b.Loop() {
				d.Compare(one, two)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
			if roots, _ := d.Counts(); roots == 0 && c.rules == nil {
				b.Fatal("nothing was found")
			}
		})
	}
}
