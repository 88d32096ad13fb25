package checkpoint

import (
	"fmt"
	"testing"

	"parallax/processors/state"
)

// million is a stage of a million entries of about 60 bytes, as a group with a few columns has.
func million() []state.Entry {
	entries := make([]state.Entry, 1_000_000)
	for i := range entries {
		entries[i] = state.Entry{Hash: uint64(i) * 0x9E3779B97F4A7C15, Partition: int32(i % 8), State: fmt.Sprintf("ACCOUNT-%07d|%d|%d|%d", i, i*7919%1000003, i*104729%999983, int64(i)*1_000_003)}
	}
	return entries
}

func BenchmarkWrite(b *testing.B) {
	dir, err := OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWriter(dir, codecs(1), Options{})
	if err != nil {
		b.Fatal(err)
	}
	entries := million()
	b.ReportAllocs()
	var m *Manifest
	for position := int64(1); b.Loop(); position++ {
		m = manifestAt(1, position)
		if err := w.Write(b.Context(), frozen(position, entries), m); err != nil {
			b.Fatal(err)
		}
		if err := w.Publish(m); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Size())/float64(len(entries)), "B/entry")
}

func BenchmarkRestore(b *testing.B) {
	dir, err := OpenDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWriter(dir, codecs(1), Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := manifestAt(1, 1)
	if err := w.Write(b.Context(), frozen(1, million()), m); err != nil {
		b.Fatal(err)
	}
	if err := w.Publish(m); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Choose(b.Context(), dir, want(1, 1), codecs(1)); err != nil {
			b.Fatal(err)
		}
	}
}
