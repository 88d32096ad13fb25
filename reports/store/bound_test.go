package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// wrong gives a span a divergence with an example.
func wrong(s *evidence.Span, size int) *evidence.Span {
	text := make([]byte, size)
	for i := range text {
		text[i] = 'x'
	}
	s.Divergences = []evidence.Divergence{{
		Signature: "0123456789ab", Class: diff.ValueClass, Topic: "out", Columns: []string{"V"}, Root: 1, Seen: s.Wall,
		Samples: evidence.Samples{First: &evidence.Sample{Example: diff.Example{Topic: "out", V1: string(text)}}},
	}}
	s.ByClass = map[diff.Class]int64{diff.ValueClass: 1}
	return s
}

// TestDetailGoesFirstAndCountsNever: a store that reaches its largest size loses examples, then
// the boundaries of spans. What all spans add up to stays, and what went is recorded.
func TestDetailGoesFirstAndCountsNever(t *testing.T) {
	const spans, length = 400, 60 // seconds
	var want evidence.Span
	dir := t.TempDir()
	now := start
	w, err := store.Open(dir, "job", store.Options{MaxSize: 1 << 20, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(spans) {
		s := wrong(span(i*length, (i+1)*length), 8<<10)
		now = s.Wall[1]
		want.Merge(s)
		if err := w.Append(identity, s); err != nil {
			t.Fatalf("span %d: %v", i, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := reader(t, dir)
	got := stretch(t, r)
	report := want.Report(1)
	if got.Ledger != report.Ledger || got.Diff.Root != spans || !reflect.DeepEqual(got.Diff.Outputs, report.Diff.Outputs) || len(got.Interruptions) != 0 {
		t.Errorf("the ledger is %+v with %d roots, want %+v with %d", got.Ledger, got.Diff.Root, report.Ledger, spans)
	}
	if got.DetailGone == "" {
		t.Error("the stretch does not say that detail is gone")
	}
	removed, err := r.Removals()
	if err != nil || len(removed) == 0 || removed[0].What != "samples" {
		t.Errorf("removed: %+v, %v", removed, err)
	}
}

// TestDetailIsKeptForAsLongAsItIsAskedFor merges the hours before.
func TestDetailIsKeptForAsLongAsItIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	now := start
	w, err := store.Open(dir, "job", store.Options{Keep: 24 * time.Hour, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(10) {
		if err := w.Append(identity, wrong(span(60*i, 60*(i+1)), 10)); err != nil {
			t.Fatal(err)
		}
	}
	now = start.Add(48 * time.Hour)
	if err := errors.Join(w.Append(identity, span(600, 700)), w.Close()); err != nil {
		t.Fatal(err)
	}
	r := reader(t, dir)
	n := 0
	if err := r.Spans(store.Query{}, func(*evidence.Span) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d spans, %v; want the hour, and the last one", n, err)
	}
	if s := stretch(t, r); s.Ledger.Compared != 700 || s.Diff.Root != 10 {
		t.Errorf("the ledger is %+v with %d roots", s.Ledger, s.Diff.Root)
	}
}

// TestAFullStoreTakesNoMore: with nothing left to remove, spans are refused, and what is stored
// can still be read.
func TestAFullStoreTakesNoMore(t *testing.T) {
	dir := t.TempDir()
	w, err := store.Open(dir, "job", store.Options{MaxSize: 1, Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(identity, span(0, 10)); !errors.Is(err, store.ErrFull) {
		t.Errorf("a full store: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
