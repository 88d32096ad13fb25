package bench

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/workload"
)

// TestTheBatchesOfThePathsEndWhereThoseOfASourceDo: what the benchmark says of a batch size
// is true of a job with that setting.
func TestTheBatchesOfThePathsEndWhereThoseOfASourceDo(t *testing.T) {
	s, err := lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(s.sql, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	in := NewInput(s.data, workload.Options{Records: 20_000, Seed: 1})
	const rowBytes = 120 // of each row
	for _, size := range []int{300, 1000, 100_000} {
		source, err := ingest.NewFileReader(
			t.Context(), bytes.NewReader(bytes.Join(in.Values, []byte("\n"))), "values", p.Sources,
			ingest.FileOptions{Batch: size, Values: true},
		)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []int
		for {
			b, err := source.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, int(b.First)+b.Len())
			source.Made(b.Len(), b.Len(), int64(b.Len()*rowBytes))
		}
		batches := in.cuts(size)
		for {
			from, to, ok := batches.batch(len(got))
			if !ok {
				break
			}
			got = append(got, to)
			batches.made(row.NewBatch(0, int64(from), make([]row.Record, to-from), nil), to-from, (to-from)*rowBytes)
		}
		if !slices.Equal(got, want) {
			t.Errorf("at most %d records: the paths' batches end at %v, a source's at %v", size, got, want)
		}
		if n := len(got); batches.len() != n || size > MainBatch && (n < 20_000/3000 || n > 20_000/MainBatch) {
			t.Errorf("at most %d records: %d batches", size, n)
		}
	}
}
