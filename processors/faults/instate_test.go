package faults_test

import (
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/faults"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/processors/state"
)

// joined is a join of trades with quotes, and records of it.
func joined(t *testing.T) (*plan.Plan, []*row.Batch) {
	t.Helper()
	p, err := plan.Compile(`CREATE STREAM trades (symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
CREATE STREAM quotes (symbol STRING, bid BIGINT) WITH (kafka_topic='quotes', value_format='JSON');
CREATE STREAM both AS SELECT t.symbol AS symbol, t.quantity AS quantity, q.bid AS bid FROM trades t JOIN quotes q WITHIN 1 SECOND GRACE PERIOD 1 HOUR ON t.symbol = q.symbol;`, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := processortest.Lines(strings.Join([]string{
		`trades 1000 {"symbol":"A","quantity":1}`, `trades 1010 {"symbol":"B","quantity":2}`, `quotes 1020 {"symbol":"C","bid":3}`,
		`trades 1030 {"symbol":"A","quantity":4}`, `quotes 1040 {"symbol":"D","bid":5}`, `trades 1050 {"symbol":"E","quantity":6}`,
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	batches, err := processortest.ReadBatches(p, lines, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	return p, batches
}

// TestAFaultInTheStateShowsThere: at the end of the records, before a flush.
func TestAFaultInTheStateShowsThere(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if !k.InState {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			p, batches := scenario(k), processortest.Batches(processortest.RandomTrades(11, 2000), 200, false)
			if k.Name == "join-forgets" {
				p, batches = joined(t)
			}
			digests := func(text string) []state.Digest {
				var v processors.Processor
				var err error
				if text == "" {
					v, err = pipeline.New(p, processors.Options{})
				} else {
					f, parsed := faults.Parse(text)
					if parsed != nil {
						t.Fatal(parsed)
					}
					v, err = f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, processors.Options{})
				}
				if err != nil {
					t.Fatal(err)
				}
				defer v.Close()
				if _, err := processortest.Run(v, batches); err != nil {
					t.Fatal(err)
				}
				frozen, err := processors.Freeze(v)
				if err != nil {
					t.Fatal(err)
				}
				codecs, err := exec.Codecs(p)
				if err != nil {
					t.Fatal(err)
				}
				return processortest.Digests(codecs, frozen.Snapshot())
			}
			want, got, outside := digests(""), digests(k.Name), digests(k.Name+"@100000")
			if got[0].Equal(want[0]) || !outside[0].Equal(want[0]) {
				t.Errorf("the digest is %v, and outside its range %v; V1's is %v", got[0], outside[0], want[0])
			}
		})
	}
}
