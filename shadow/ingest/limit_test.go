package ingest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"parallax/processors/row"
)

// batchesOf reads lines of values to the end. It returns the numbers of records of the
// batches, after each of which made says what became of it.
func batchesOf(t *testing.T, lines string, opt FileOptions, made func(f *FileReader, records int)) (sizes []int) {
	t.Helper()
	opt.Values = true
	f, err := NewFileReader(t.Context(), strings.NewReader(lines), "f", []*row.Source{arraySource()}, opt)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := f.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return sizes
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, b.Len())
		made(f, b.Len())
		b.Release()
	}
}

// oneRow is a record that makes one row.
func oneRow(f *FileReader, records int) { f.Made(records, records, int64(records)*100) }

func TestLargeBatchesEndWhereTheyWouldLeaveTheCache(t *testing.T) {
	const records = 10_000
	short := strings.Repeat(list(1)+"\n", records)
	for name, c := range map[string]struct {
		lines string
		opt   FileOptions
		made  func(f *FileReader, records int)
		// first and later are the fewest and the most records that the first batch, and the others
		// but the last, may have.
		first, later [2]int
	}{
		"as the default is":      {short, FileOptions{}, oneRow, [2]int{1000, 1000}, [2]int{1000, 1000}},
		"small, as asked for":    {short, FileOptions{Batch: 7}, oneRow, [2]int{7, 7}, [2]int{7, 7}},
		"large":                  {short, FileOptions{Batch: 100_000}, oneRow, [2]int{1500, 2500}, [2]int{1500, 2500}},
		"large, and a row is":    {short, FileOptions{Batch: 100_000}, func(f *FileReader, n int) { f.Made(n, n, int64(n)*350) }, [2]int{1500, 2500}, [2]int{1001, 1400}},
		"large, and records are": {strings.Repeat(list(300)+"\n", 3000), FileOptions{Batch: 100_000}, oneRow, [2]int{1000, 1000}, [2]int{1000, 1000}},
		"large, and many rows":   {short, FileOptions{Batch: 100_000}, func(f *FileReader, n int) { f.Made(n, n*10, 0) }, [2]int{1500, 2500}, [2]int{1000, 1000}},
		"whole":                  {short, FileOptions{Batch: 100_000, Uncut: true}, oneRow, [2]int{records, records}, [2]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			sizes := batchesOf(t, c.lines, c.opt, c.made)
			within := func(n int, want [2]int) bool { return n >= want[0] && n <= want[1] }
			wrong := !within(sizes[0], c.first)
			for _, n := range sizes[1:max(1, len(sizes)-1)] {
				wrong = wrong || !within(n, c.later)
			}
			if wrong {
				t.Errorf("batches of %s records, want %v, then %v", fmt.Sprint(sizes), c.first, c.later)
			}
		})
	}
}
