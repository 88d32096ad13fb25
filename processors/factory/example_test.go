package factory_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/shadow/ingest"
)

// One script runs as V1 and as V2 with two partitions over the same batches, and a
// Differ compares what they make of each.
func ExampleNew() {
	ctx := context.Background()
	p, err := plan.Compile(`
		CREATE STREAM trades (symbol STRING, volume INT)
			WITH (KAFKA_TOPIC = 'trades', VALUE_FORMAT = 'JSON');
		CREATE TABLE totals WITH (KAFKA_TOPIC = 'totals', VALUE_FORMAT = 'JSON') AS
			SELECT symbol, SUM(volume) AS total FROM trades GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	paths := make([]processors.Processor, 2)
	for i, name := range []string{"v1", "v2:2"} {
		cfg, err := processors.ParseConfig(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		if paths[i], err = factory.New(cfg, p, processors.Options{}); err != nil {
			fmt.Println(err)
			return
		}
		defer paths[i].Close()
	}
	in := strings.NewReader(`{"symbol":"A","volume":10}
{"symbol":"B","volume":1}
{"symbol":"A","volume":5}
`)
	records, err := ingest.NewFileReader(ctx, in, "trades.jsonl", p.Sources, ingest.FileOptions{Values: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	differ := diff.New(p.Sinks(), diff.Options{})
	for {
		batch, err := records.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		v1, err := paths[0].Process(ctx, batch)
		if err != nil {
			fmt.Println(err)
			return
		}
		v2, err := paths[1].Process(ctx, batch)
		if err != nil {
			fmt.Println(err)
			return
		}
		for i := range v1.Changes {
			fmt.Println(v1.Changes[i].Key, v1.Changes[i].Values)
		}
		differ.Compare(v1, v2)
	}
	fmt.Println("level held:", differ.Result().LevelHeld)
	// Output:
	// [A] [A 10]
	// [B] [B 1]
	// [A] [A 15]
	// level held: E1
}
