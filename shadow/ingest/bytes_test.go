package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// arraySource is a source with a column that is an ARRAY.
func arraySource() *row.Source {
	elem := row.Of(row.Int)
	return &row.Source{
		Name: "T", Topic: "t", Columns: []row.Column{{Name: "LIST", Type: row.Type{Kind: row.Array, Elem: &elem}}},
		Key: []bool{false}, Needed: []bool{true}, Timestamp: -1, Format: row.FormatJSON,
	}
}

// list is an array of n numbers: two bytes each as it is read, and a Value as it is
// decoded.
func list(n int) string { return `{"list":[` + strings.Repeat("1,", n-1) + "1]}" }

func TestABatchIsCutByTheBytesOfWhatIsDecoded(t *testing.T) {
	const records, elements = 20, 100_000 // 200 KB each, decoded 2.4 MB and more
	src := arraySource()
	check := func(t *testing.T, next func() *row.Batch) {
		t.Helper()
		taken, most := 0, 0
		for b := next(); b != nil; b = next() {
			most = max(most, b.Len())
			for i := range b.Len() {
				r := b.Record(i)
				if r.Offset != int64(taken) || len(b.Table(0).Columns[0].Value(int(r.Row)).Elements()) != elements {
					t.Fatalf("record %d: offset %d, row %d", taken, r.Offset, r.Row)
				}
				taken++
			}
		}
		if taken != records || most < 2 || most > 8 {
			t.Errorf("%d records in batches of at most %d, want %d in batches of some 16 MiB", taken, most, records)
		}
	}
	t.Run("topic", func(t *testing.T) {
		s := NewSequencer([]*row.Source{src})
		at := row.TopicPartition{Topic: "t"}
		s.Add(at)
		c := Chunk{Table: row.NewTable(src, 0)}
		for i := range records {
			c.Records = append(c.Records, row.Record{TopicPartition: at, Offset: int64(i), Value: []byte(list(elements))})
		}
		d, err := codec.NewDecoder(t.Context(), src, 0, codec.DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.DecodeAll(t.Context(), c.Records, c.Table); err != nil {
			t.Fatal(err)
		}
		c.Measure()
		s.Push(at, c)
		s.End(at)
		if held := s.HeldMost(); held < records*elements*24 {
			t.Errorf("%d bytes wait, want those of the decoded elements", held)
		}
		check(t, func() *row.Batch { return s.Next(AtMost(1000)) })
		if held := s.Held(at); held != 0 {
			t.Errorf("%d bytes wait at the end", held)
		}
	})
	t.Run("file", func(t *testing.T) {
		f, err := NewFileReader(t.Context(), strings.NewReader(strings.Repeat(list(elements)+"\n", records)), "f", []*row.Source{src}, FileOptions{Values: true})
		if err != nil {
			t.Fatal(err)
		}
		check(t, func() *row.Batch {
			b, err := f.Next(context.Background())
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				t.Fatal(err)
			}
			return b
		})
	})
}

func TestAFileIsReadInSmallerBatchesOnceTheRowsOfARecordAreMany(t *testing.T) {
	src := arraySource()
	f, err := NewFileReader(t.Context(), strings.NewReader(strings.Repeat(list(1)+"\n", 100)), "f", []*row.Source{src}, FileOptions{Values: true, Batch: 10})
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for {
		b, err := f.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, b.Len())
		f.Made(b.Len(), b.Len()*100_000, 0)
	}
	if len(sizes) != 91 || sizes[0] != 10 || sizes[1] != 1 {
		t.Errorf("batches of %s records, want 10, then 1 each", fmt.Sprint(sizes))
	}
}
