package processors_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/route"
	"parallax/processors/row"
)

func TestExplainSaysOfEachStrategyWhatItDoesAndWhyNot(t *testing.T) {
	p := processortest.Plan(processortest.Running(), processortest.Large(), processortest.Everything())
	got, err := partitions.ExplainRouting(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	want := `
routing of RUNNING over V2's partitions
  always_hash        used (auto): by the hash of the key, so that records that share state are in one partition
  smart_repartition  possible: by the hash of the key, since the source is not keyed by it
  sticky_partition   refused: needs a query without state, or a source whose KEY columns are part of the query's key, and records of one key may come from several topic-partitions here
  round_robin        refused: needs a query without state, and this one keeps state
  fan_in             possible: all records to one partition, which is right for every query and the only way without a key

routing of LARGE over V2's partitions
  always_hash        refused: needs a key that keeps each piece of state whole, and the query has none
  smart_repartition  possible: by source topic-partition, hashing nothing: records that share state come from one already
  sticky_partition   possible: by source topic-partition: records that share state come from one
  round_robin        used (auto): in turn: the query has no state, so any routing will do
  fan_in             possible: all records to one partition, which is right for every query and the only way without a key

routing of EVERYTHING over V2's partitions
  always_hash        refused: needs a key that keeps each piece of state whole, and the query has none
  smart_repartition  refused: needs a key that keeps each piece of state whole, and the query has none
  sticky_partition   refused: needs a query without state, or a source whose KEY columns are part of the query's key, and records of one key may come from several topic-partitions here
  round_robin        refused: needs a query without state, and this one keeps state
  fan_in             used (auto): all records to one partition, which is right for every query and the only way without a key
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, err = partitions.ExplainRouting(p, processors.Config{Architecture: processors.ArchitectureV2, Strategy: "round_robin"})
	if !errors.Is(err, route.ErrSplitsState) {
		t.Errorf("got %v", err)
	}
}

// keyedTrades is a query over a source that is keyed by what it groups by.
func keyedTrades(t *testing.T) *plan.Plan {
	t.Helper()
	p, err := plan.Compile(`
		CREATE STREAM trades (symbol STRING KEY, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
		CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// byKey makes batches whose records lie in a topic-partition by their key, those
// without one in turn, as producers do.
func byKey(p *plan.Plan, batches, size int) (list []*row.Batch) {
	for seq := range batches {
		table, records := row.NewTable(p.Sources[0], size), make([]row.Record, size)
		for i := range records {
			at := int64(seq*size + i)
			n := int(at*at+at/7) % 23 // 0 is none
			r := &records[i]
			*r = row.Record{TopicPartition: row.TopicPartition{Topic: "trades", Partition: int32(n % 5)}, Offset: at, Timestamp: at, EventTime: at, Watermark: at}
			if n == 0 {
				r.Partition = int32(at % 5)
			} else {
				key := fmt.Sprintf("SYM%d", n)
				r.Key = []byte(key)
				table.Columns[0].AppendStr(key)
			}
			table.Columns[1].AppendInt64(at)
			r.Row = int32(table.EndRow())
		}
		list = append(list, row.NewBatch(int64(seq), int64(seq*size), records, []*row.Table{table}))
	}
	return list
}

// TestASourceThatIsKeyedByTheGroupKeyIsNotRoutedAgain: records without a key are
// in every topic-partition, and share state all the same.
func TestASourceThatIsKeyedByTheGroupKeyIsNotRoutedAgain(t *testing.T) {
	p := keyedTrades(t)
	batches := byKey(p, 12, 50)
	v1 := newV1(t, p)
	want := run(t, v1, batches[:6]).Changes
	state, err := v1.(processors.Snapshotter).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	after := run(t, v1, batches[6:]).Changes
	for _, strategy := range []route.Strategy{"smart_repartition", "sticky_partition"} {
		for _, n := range []int{1, 3, 4, 7} {
			cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: n, Strategy: strategy}
			routing, err := partitions.RoutingOf(p, cfg)
			if err != nil || routing[0].Strategy != strategy || !strings.Contains(routing[0].Why, "topic-partition") {
				t.Fatalf("%+v, %v", routing, err)
			}
			for name, whole := range map[string]bool{"from the start": true, "restored": false} {
				v2, err := factory.New(cfg, p, processors.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { closeIt(t, v2) })
				if whole {
					sameRows(t, fmt.Sprint(strategy, n, name), run(t, v2, batches).Changes, slices.Concat(want, after))
					continue
				}
				if err := v2.(processors.Snapshotter).Restore(state); err != nil {
					t.Fatal(err)
				}
				sameRows(t, fmt.Sprint(strategy, n, name), run(t, v2, batches[6:]).Changes, after)
			}
		}
	}
}
