package processors_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/processortest/soak"
	"parallax/processors/row"
	"parallax/shadow/ingest"
)

var soakFor = flag.Duration("soak", 0, "how long TestSoak runs; 0 is a fixed number of records, some seconds")

// The fixed number of batches, and how many make up a look at the heap.
const (
	soakBatch   = 500
	soakBatches = 40
	soakLooks   = 10
	// Of the live heap after a collection: the largest of the last half of the looks
	// may be so much more than that of the half before. Windows, sessions and joins
	// hold what a few seconds of event time hold, whatever has passed before.
	soakGrowth, soakSlack = 1.25, 16 << 20
)

// TestSoak runs hostile and good records, mixed, through a V1 and a V2 that live as
// long as the test, and compares them after each batch; at each look through fresh ones
// and the oracle as well, with event times at the ends of their range.
func TestSoak(t *testing.T) {
	p, err := plan.Compile(soak.Script, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v1, v2 := newV1(t, p), newV2(t, p, 3, partitions.Hooks{})
	records := soak.New(1, false)
	in, err := ingest.NewFileReader(t.Context(), records, "soak", p.Sources, ingest.FileOptions{Batch: soakBatch, MaxFuture: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	begin, looks := time.Now(), []uint64{}
	isDue := func(batches int) bool { return batches%(soakBatches/soakLooks) == 0 }
	if *soakFor > 0 {
		isDue = func(int) bool { return time.Since(begin) >= *soakFor/soakLooks*time.Duration(len(looks)+1) }
	}
	rows := int64(0)
	for batches := 1; ; batches++ {
		b, err := in.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += agree(t, b, v1, v2)
		if len(looks) == soakLooks || !isDue(batches) {
			continue
		}
		// A test of its own, so that its processors are let go of.
		if !t.Run("oracle", func(t *testing.T) { withOracle(t, p, uint64(batches)) }) {
			return
		}
		looks = append(looks, uint64(liveHeap()))
		t.Logf("after %v: %d records, %d rows, %.1f MiB live", time.Since(begin).Round(time.Second), batches*soakBatch, rows, float64(looks[len(looks)-1])/(1<<20))
		if len(looks) == soakLooks {
			records.Stop()
		}
	}
	before, after := largest(looks[:soakLooks/2]), largest(looks[soakLooks/2:])
	if limit := uint64(soakGrowth*float64(before)) + soakSlack; after > limit {
		t.Errorf("the live heap grew from %d to %d bytes, more than to %d: %d", before, after, limit, looks)
	}
	if rows == 0 {
		t.Error("there was nothing to compare")
	}
}

// agree takes a batch through processors, which must say the same.
func agree(t *testing.T, b *row.Batch, all ...processors.Processor) (rows int64) {
	var first *processortest.Total
	var outcomes []*row.Outcome
	for _, p := range all {
		o, err := p.Process(context.Background(), b)
		if err != nil {
			t.Fatalf("%s: %v", p.Describe().Name, err)
		}
		total := &processortest.Total{}
		total.Add(o)
		if first == nil {
			first = total
		} else if d := total.Difference(first); d != "" {
			t.Fatalf("batch %d: %s differs from %s: %.2000s", b.Seq, p.Describe().Name, all[0].Describe().Name, d)
		}
		outcomes = append(outcomes, o)
	}
	rows = int64(len(first.Changes))
	for _, o := range outcomes {
		o.Release()
	}
	return rows
}

// withOracle compares fresh processors with the oracle over a short input.
func withOracle(t *testing.T, p *plan.Plan, seed uint64) {
	var lines strings.Builder
	for records, n := soak.New(seed, true), 0; n < 250; n++ {
		lines.WriteString(records.Line() + "\n")
	}
	batches, err := processortest.ReadBatches(p, lines.String(), 70, true)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := oracle.New(p, processors.Options{LateToDeadLetter: true})
	if err != nil {
		t.Fatal(err)
	}
	v1, v2 := newV1(t, p), newV2(t, p, 3, partitions.Hooks{})
	for _, b := range batches {
		agree(t, b, truth, v1, v2)
	}
}

func largest(list []uint64) (most uint64) {
	for _, n := range list {
		most = max(most, n)
	}
	return most
}
