package processors_test

import (
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
)

// TestRowsAreLocatedWhereV2MakesThem: the rows of a right V2 come from the partitions
// that the locator says, those that time makes included.
func TestRowsAreLocatedWhereV2MakesThem(t *testing.T) {
	for name, query := range map[string]*plan.Query{
		"by records": processortest.Totals(plan.EmitChanges),
		"by time":    processortest.Totals(plan.EmitFinal),
		"rows":       processortest.Large(),
	} {
		t.Run(name, func(t *testing.T) {
			p := processortest.Plan(query)
			cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: 4}
			l, err := partitions.NewLocator(p, cfg)
			if err != nil {
				t.Fatal(err)
			}
			v2, err := partitions.New(p, cfg, processors.Options{}, partitions.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			defer v2.Close()
			seen := map[int32]int{}
			for _, b := range processortest.Batches(processortest.RandomTrades(3, 2000), 200, true) {
				o, err := v2.Process(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				for i := range o.Changes {
					c := &o.Changes[i]
					if got := l.PartitionOf(b, c); got != c.Partition {
						t.Fatalf("batch %d, position %d, phase %d: partition %d, V2 made it in %d", b.Seq, c.Position, c.Phase, got, c.Partition)
					}
					seen[c.Partition]++
				}
			}
			if len(seen) < 2 {
				t.Errorf("all rows are of %v: this shows nothing", seen)
			}
		})
	}
}
