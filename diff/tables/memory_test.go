package tables_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"parallax/diff"
	"parallax/diff/tables"
)

var (
	largeRecords = flag.Int("records", 200_000, "records of each side in TestMemoryStaysWithinItsLimit")
	largeMemory  = flag.Int64("memory", 32<<20, "memory, in bytes, in TestMemoryStaysWithinItsLimit")
)

// generated is a source that makes its records when they are read: each key has two rows.
type generated struct {
	topic   string
	records int
	// wrong says that every 1,000th key has another value.
	wrong   bool
	visited atomic.Int64
	sample  func(visited int64)
}

func (g *generated) Name() string   { return g.topic }
func (g *generated) Topic() string  { return g.topic }
func (g *generated) Offsets() int64 { return int64(g.records) }

func (g *generated) Read(_ context.Context, visit func(*tables.Record) error) error {
	var key, value []byte
	keys := g.records / 2
	for i := range g.records {
		k := i % keys
		n := k
		if g.wrong && k%1000 == 0 {
			n++
		}
		key = strconv.AppendInt(append(key[:0], "customer-"...), int64(k), 10)
		value = fmt.Appendf(value[:0], `{"TOTAL":%d.50,"COUNT":%d,"VENUE":"XNAS","META":{"at":"2026-01-02T03:04:05Z","row":%d}}`, n, i/keys, k)
		if err := visit(&tables.Record{Offset: int64(i), Key: key, Value: value}); err != nil {
			return err
		}
		if g.sample != nil {
			g.sample(g.visited.Add(1))
		}
	}
	return nil
}

// The memory in use has a limit that does not depend on the number of records, keys and differences. To see
// it with ten million records a side:
//
//	go test ./diff/tables -run MemoryStays -records 10000000 -memory 1073741824 -v -timeout 60m
func TestMemoryStaysWithinItsLimit(t *testing.T) {
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	every := int64(max(*largeRecords/16, 1))
	left := &generated{topic: "left", records: *largeRecords, sample: func(n int64) {
		if n%every == 0 {
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
	}}
	right := &generated{topic: "right", records: *largeRecords, wrong: true}
	began := time.Now()
	r, err := tables.Compare(t.Context(), left, right, tables.Options{Key: []string{"customer"}, Memory: *largeMemory})
	if err != nil {
		t.Fatal(err)
	}
	keys := int64(*largeRecords / 2)
	t.Logf("%d records a side, %d keys, one of %d compared: %d equal, %d differ, in %v; at most %d MiB of %d MiB",
		*largeRecords, keys, r.SampledOneOf, r.Equal, r.Differing, time.Since(began).Round(time.Millisecond), peak>>20, *largeMemory>>20)
	if r.SampledOneOf == 1 && (r.Differing != (keys+999)/1000 || r.Found.ByClass[diff.ValueClass] != r.Differing) {
		t.Errorf("%d of %d keys differ: %v", r.Differing, keys, r.Found.ByClass)
	}
	if r.Equal+r.Differing != r.Identities[0] || r.Ledger[0].Offsets() != int64(*largeRecords) {
		t.Errorf("%d equal, %d differ of %d, %+v", r.Equal, r.Differing, r.Identities[0], r.Ledger[0])
	}
	if limit := uint64(*largeMemory) + 16<<20; peak > limit {
		t.Errorf("%d MiB are in use, and %d are allowed", peak>>20, limit>>20)
	}
}
