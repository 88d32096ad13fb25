package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var identity = evidence.RunIdentity{Fingerprint: "f", V1: "v1 1", V2: "v2:4 1"}

// span is the evidence of the positions from from to that before to, all compared and equal.
func span(from, to int64) *evidence.Span {
	level := diff.E1
	at := start.Add(time.Duration(from) * time.Second)
	n := to - from
	s := &evidence.Span{
		Version: evidence.SpanVersion, Job: "job", Task: "all", Incarnation: "one", From: from, To: to, Merged: 1,
		Program:    evidence.Program{Version: "1", Commit: "abc"},
		Offsets:    []evidence.Offsets{{TopicPartition: row.TopicPartition{Topic: "in"}, From: from, To: to}},
		EventTime:  &[2]int64{from, to - 1},
		Wall:       [2]time.Time{at, at.Add(time.Duration(n) * time.Second)},
		Stage:      "shadow",
		Ledger:     diff.Ledger{Compared: n},
		Outputs:    evidence.Outputs{V1: n, V2Raw: n, V2Merged: n},
		Require:    diff.E1,
		Levels:     map[string]diff.Level{"out": diff.E1},
		Topics:     []evidence.Topic{{Topic: "out", Level: &level, Unit: diff.UnitKey, Rows: n, NewUnits: n}},
		Lag:        evidence.Lag{Most: -1},
		V2:         &evidence.SpanV2{Processor: "v2:4", Implementation: "V2"},
		Partitions: []evidence.Work{{Records: n}},
	}
	for i := from; i < to; i++ {
		s.Topics[0].Keys.Add(uint64(i))
		s.Topics[0].Units.Add(uint64(i))
		s.EventTimes.Add(evidence.TimePoint{At: i, Weight: 1})
	}
	return s
}

// hole makes a span one without a V2.
func hole(s *evidence.Span, reason string) *evidence.Span {
	n := s.To - s.From
	s.Ledger = diff.Ledger{Shed: n}
	s.Levels, s.Topics[0].Level, s.Topics[0].Rows, s.Partitions = nil, nil, 0, nil
	s.Holes = []evidence.SpanHole{{Hole: evidence.Hole{From: 1, To: evidence.NoBatch, Records: n, Shed: true, Reason: reason}, Batches: 1}}
	return s
}

func open(t *testing.T, dir string) *store.Writer {
	t.Helper()
	w, err := store.Open(dir, "job", store.Options{Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// stored stores spans in a new store and returns its reader.
func stored(t *testing.T, spans ...*evidence.Span) *store.Reader {
	t.Helper()
	dir := t.TempDir()
	w := open(t, dir)
	if err := w.Append(identity, spans...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return reader(t, dir)
}

func reader(t *testing.T, dir string) *store.Reader {
	t.Helper()
	r, err := store.OpenReader(dir, "job")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func stretch(t *testing.T, r *store.Reader) *evidence.Stretch {
	t.Helper()
	s, err := r.Stretch(store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestStoredSpansAddUp: what is read back is the sum.
func TestStoredSpansAddUp(t *testing.T) {
	s := stretch(t, stored(t, span(0, 10), span(10, 25), span(25, 30)))
	if s.From != 0 || s.To != 30 || s.Ledger.Compared != 30 || len(s.Interruptions) != 0 || s.Before != nil || s.Incarnations != 1 {
		t.Errorf("the stretch is %+v", s)
	}
	if o := s.Diff.Outputs; len(o) != 1 || o[0].Rows != 30 || o[0].Keys != 30 || o[0].LevelHeld != diff.E1 || s.Diff.LevelHeld != diff.E1 {
		t.Errorf("the outputs are %+v", s.Diff.Outputs)
	}
	if s.Processed() != 30 || s.EventSpan != 29 || len(s.Offsets) != 1 || s.Offsets[0].To != 29 {
		t.Errorf("processed %d, event span %d, offsets %v", s.Processed(), s.EventSpan, s.Offsets)
	}
}

// TestASpanIsStoredOnce: writing it twice, in one process or in the next one, is writing it
// once.
func TestASpanIsStoredOnce(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	for range 2 {
		if err := w.Append(identity, span(0, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir)
	if err := w.Append(identity, span(0, 10), span(10, 20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := reader(t, dir)
	runs, err := r.Runs()
	if err != nil || len(runs) != 1 {
		t.Fatalf("the runs are %v, %v", runs, err)
	}
	if s := stretch(t, r); s.Ledger.Compared != 20 {
		t.Errorf("%d records, not 20", s.Ledger.Compared)
	}
}

// TestTheCleanStretchBeginsAfterTheNewestInterruption covers holes and missing spans.
func TestTheCleanStretchBeginsAfterTheNewestInterruption(t *testing.T) {
	tests := map[string]struct {
		spans    []*evidence.Span
		from     int64
		compared int64
		kinds    []string
		detached string
	}{
		"a hole":             {[]*evidence.Span{span(0, 10), hole(span(10, 20), "slow"), span(20, 25)}, 20, 5, []string{"hole"}, ""},
		"a hole in parts":    {[]*evidence.Span{span(0, 10), hole(span(10, 20), "slow"), hole(span(20, 22), "slow"), span(22, 25)}, 22, 3, []string{"hole"}, ""},
		"a hole at the end":  {[]*evidence.Span{span(0, 10), hole(span(10, 20), "slow")}, 20, 0, []string{"hole"}, "slow"},
		"a missing span":     {[]*evidence.Span{span(0, 10), span(12, 20)}, 12, 8, []string{"missing"}, ""},
		"missing, then hole": {[]*evidence.Span{span(0, 10), span(12, 20), hole(span(20, 22), "slow"), span(22, 30)}, 22, 8, []string{"hole", "missing"}, ""},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			s := stretch(t, stored(t, c.spans...))
			var kinds []string
			for _, i := range s.Interruptions {
				kinds = append(kinds, i.Kind)
			}
			if s.From != c.from || s.Ledger.Compared != c.compared || !reflect.DeepEqual(kinds, c.kinds) || s.Detached != c.detached {
				t.Errorf("from %d, %d compared, interrupted by %v, detached: %q; want %d, %d, %v, %q",
					s.From, s.Ledger.Compared, kinds, s.Detached, c.from, c.compared, c.kinds, c.detached)
			}
			if s.Ledger.Records() != c.compared || s.Before == nil {
				t.Errorf("the ledger is %+v, before is %+v", s.Ledger, s.Before)
			}
		})
	}
}

// TestAnotherIdentityIsAnotherRun: nothing of the run before is in it.
func TestAnotherIdentityIsAnotherRun(t *testing.T) {
	for name, change := range map[string]func(*evidence.RunIdentity){
		"fingerprint": func(i *evidence.RunIdentity) { i.Fingerprint = "other" },
		"V1":          func(i *evidence.RunIdentity) { i.V1 = "other" },
		"V2":          func(i *evidence.RunIdentity) { i.V2 = "other" },
		"rules":       func(i *evidence.RunIdentity) { i.Rules = "other" },
		"redaction":   func(i *evidence.RunIdentity) { i.Redaction = "other" },
		"the start":   func(*evidence.RunIdentity) {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w := open(t, dir)
			other := identity
			change(&other)
			next := span(10, 15)
			if other == identity { // the input is read from its beginning again
				next = span(0, 5)
				next.Incarnation = "two"
			}
			if err := errors.Join(w.Append(identity, span(0, 10)), w.Close()); err != nil {
				t.Fatal(err)
			}
			w = open(t, dir)
			if err := errors.Join(w.Append(other, next), w.Close()); err != nil {
				t.Fatal(err)
			}
			r := reader(t, dir)
			runs, err := r.Runs()
			if err != nil || len(runs) != 2 || runs[0].Run == runs[1].Run {
				t.Fatalf("the runs are %+v, %v", runs, err)
			}
			if s := stretch(t, r); s.Ledger.Compared != 5 || s.Before != nil || s.Identity.Run != runs[1].Run {
				t.Errorf("the newest run has %d records, before: %+v", s.Ledger.Compared, s.Before)
			}
			if s := stretch(t, r); s.Retries != 1 && name != "fingerprint" && name != "V1" && name != "V2" {
				t.Errorf("%d retries", s.Retries)
			}
		})
	}
}

// TestAReaderReadsBesideTheWriter and what is read is what was committed.
func TestAReaderReadsBesideTheWriter(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	if err := w.Append(identity, span(0, 10)); err != nil {
		t.Fatal(err)
	}
	r := reader(t, dir)
	if s := stretch(t, r); s.To != 10 {
		t.Errorf("read to %d", s.To)
	}
	if err := w.Append(identity, span(10, 20)); err != nil {
		t.Fatal(err)
	}
	if s := stretch(t, r); s.To != 20 {
		t.Errorf("read to %d", s.To)
	}
	if _, err := store.Open(dir, "job", store.Options{}); err == nil {
		t.Error("a second writer was let in")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenReader(dir, "other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store that is not there: %v", err)
	}
}

// TestACopyOfTheFileIsReadWhereNothingCanBeWritten: evidence is judged on another machine.
func TestACopyOfTheFileIsReadWhereNothingCanBeWritten(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	if err := errors.Join(w.Append(identity, span(0, 10)), w.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(store.Path(dir, "job"))
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	path := store.Path(other, "job")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o400), os.Chmod(filepath.Dir(path), 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o700) }) //nolint:errcheck // for the cleanup
	if s := stretch(t, reader(t, other)); s.To != 10 {
		t.Errorf("read to %d", s.To)
	}
}

// TestStoredSpansAreValid holds docs/span.schema.json against what is stored.
func TestStoredSpansAreValid(t *testing.T) {
	r := stored(t, span(0, 10), hole(span(10, 20), "slow"))
	schema, err := jsonschema.NewCompiler().Compile("../../docs/span.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = r.Spans(store.Query{}, func(s *evidence.Span) error {
		n++
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	})
	if err != nil || n != 2 {
		t.Errorf("%d spans: %v", n, err)
	}
}
