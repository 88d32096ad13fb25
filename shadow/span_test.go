package shadow_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/evidence"
)

// recorder keeps spans as they are stored: as JSON.
type recorder struct {
	t     *testing.T
	texts [][]byte
}

func (r *recorder) Take(s *evidence.Span) {
	text, err := json.Marshal(s)
	if err != nil {
		r.t.Error(err)
	}
	r.texts = append(r.texts, text)
}

func (r *recorder) spans() (list []*evidence.Span) {
	r.t.Helper()
	for _, text := range r.texts {
		s := new(evidence.Span)
		if err := json.Unmarshal(text, s); err != nil {
			r.t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// recorded runs a job with a span period, and returns the spans with the run's own report.
func recordedRun(t *testing.T, period time.Duration, spoil func(n int) *v2) (spans []*evidence.Span, rep evidence.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		plan, in := trades(40)
		cfg := config()
		j, _ := stateJob(plan, in, cfg, 3, spoil)
		r := &recorder{t: t}
		j.Spans, j.SpanPeriod = r, period
		runner, err := shadow.New(j)
		if err != nil {
			t.Fatal(err)
		}
		if rep, err = runner.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		spans = r.spans()
	})
	return spans, rep
}

// wrongFrom makes V2's rows wrong in every batch from one on whose number a divisor divides.
func wrongFrom(seq, every int64) func(int) *v2 {
	return func(int) *v2 {
		return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			if o.Batch.Seq >= seq && o.Batch.Seq%every == 0 && len(o.Changes) > 0 {
				o.Changes = slices.Clone(o.Changes)
				c := &o.Changes[len(o.Changes)-1]
				c.Values = slices.Clone(c.Values)
				c.Values[len(c.Values)-1] = row.NewBigint(-1)
			}
			return o, nil
		}}
	}
}

// failsAt makes the first V2 fail at a batch.
func failsAt(seq int64) func(int) *v2 {
	return func(n int) *v2 {
		if n > 0 {
			return nil
		}
		return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			if o.Batch.Seq == seq {
				return nil, errors.New("made to fail")
			}
			return o, nil
		}}
	}
}

// TestSpansAddUpToTheRunsReport cuts one run into spans in several ways: what they add up to is
// the run's own report. Only times are estimated from histograms.
func TestSpansAddUpToTheRunsReport(t *testing.T) {
	for name, spoil := range map[string]func(int) *v2{"equal": nil, "wrong": wrongFrom(11, 3), "fails": failsAt(17)} {
		for _, period := range []time.Duration{time.Hour, 3 * time.Second, 450 * time.Millisecond, time.Millisecond} {
			t.Run(fmt.Sprintf("%s, spans of %v", name, period), func(t *testing.T) {
				spans, rep := recordedRun(t, period, spoil)
				var sum evidence.Span
				next := int64(0)
				for _, s := range spans {
					if s.From != next {
						t.Errorf("a span begins at %d, not %d", s.From, next)
					}
					next = s.To
					sum.Merge(s)
				}
				if atLeast := int(40 * 100 * time.Millisecond / max(period, 200*time.Millisecond)); period < time.Hour && len(spans) < atLeast {
					t.Errorf("%d spans, want at least %d", len(spans), atLeast)
				}
				got := sum.Report(1)
				sameReport(t, got, rep)
			})
		}
	}
}

// sameReport compares what spans add up to with a report.
func sameReport(t *testing.T, got, want evidence.Report) {
	t.Helper()
	same := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	same("ledger", got.Ledger, want.Ledger)
	same("late", got.Late, want.Late)
	same("uncounted", got.Uncounted, want.Uncounted)
	same("outputs", got.Outputs, want.Outputs)
	same("level", got.Diff.LevelHeld, want.Diff.LevelHeld)
	same("roots", got.Diff.Root, want.Diff.Root)
	same("cascades", got.Diff.Cascade, want.Diff.Cascade)
	if len(want.Diff.ByClass) > 0 || len(got.Diff.ByClass) > 0 {
		same("classes", got.Diff.ByClass, want.Diff.ByClass)
	}
	same("origin", text(t, got.Diff.Origin), text(t, want.Diff.Origin))
	same("topics", got.Diff.Outputs, want.Diff.Outputs)
	for _, list := range [][]diff.Signature{got.Diff.Signatures, want.Diff.Signatures} {
		for i := range list {
			list[i].Latest, list[i].Hypothesis, list[i].HypothesisText = nil, "", ""
		}
		slices.SortFunc(list, func(a, b diff.Signature) int { return cmp.Compare(a.ID, b.ID) })
	}
	if len(got.Diff.Signatures) == 0 {
		got.Diff.Signatures = []diff.Signature{}
	}
	same("signatures", text(t, got.Diff.Signatures), text(t, want.Diff.Signatures))
	same("strata", got.Strata, want.Strata)
	same("columns", got.Columns, want.Columns)
	same("second opinions", got.SecondOpinions, want.SecondOpinions)
	// The quantiles of 1 % and 99 %, each within 0.2 % of the rank.
	if d := got.EventSpan - want.EventSpan; max(d, -d) > want.EventSpan/250 {
		t.Errorf("event span: %d, want about %d", got.EventSpan, want.EventSpan)
	}
	same("lateness", got.Lateness, want.Lateness)
	same("reseeds", got.Reseeds, want.Reseeds)
	if len(got.Holes)+len(want.Holes) > 0 {
		same("holes", text(t, got.Holes), text(t, want.Holes))
	}
	same("detached", got.Detached, want.Detached)
	same("batches", got.Throughput.Contended.Batches, want.Throughput.Contended.Batches)
	same("why not comparable", got.Throughput.Contended.Why, want.Throughput.Contended.Why)
	same("censored", got.Throughput.Censored, want.Throughput.Censored)
	if want.Detached == "" { // what a V2 that failed had worked on is not compared
		same("processed", got.Processed(), want.Processed())
	}
	for i, r := range want.Routing {
		if want.Detached == "" {
			same("routing", text(t, got.Routing[i]), text(t, r))
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestASpanIsComparedOrIsAHole: spans end where V2 goes away and where it returns.
func TestASpanIsComparedOrIsAHole(t *testing.T) {
	spans, rep := recordedRun(t, time.Hour, failsAt(17))
	if len(spans) != 3 || !spans[1].IsHole() || spans[0].IsHole() || spans[2].IsHole() {
		t.Fatalf("%d spans", len(spans))
	}
	if spans[1].Ledger.Compared != 0 || spans[0].Ledger.NotComparable+spans[2].Ledger.NotComparable != 0 {
		t.Errorf("the ledgers are %+v, %+v, %+v", spans[0].Ledger, spans[1].Ledger, spans[2].Ledger)
	}
	var fold evidence.Fold
	for _, s := range spans {
		fold.Add(s)
	}
	clean := fold.Stretch()
	if clean.From != spans[2].From || clean.Detached != "" || clean.Ledger != spans[2].Ledger || rep.Detached == "" {
		t.Errorf("the clean stretch begins at %d with %+v, detached: %q", clean.From, clean.Ledger, clean.Detached)
	}
	if want := clean.Ledger.Compared + clean.Ledger.Filtered - clean.Uncounted; clean.Processed() != want || want == 0 {
		t.Errorf("V2's partitions processed %d records of the clean stretch, want %d", clean.Processed(), want)
	}
}

// TestASpanIsGivenAwayOnceItHasCommitted: what is not committed is processed again by the next
// process, and must not be counted twice.
func TestASpanIsGivenAwayOnceItHasCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan, in := trades(40)
		cfg := config()
		j, _ := stateJob(plan, in, cfg, 2, nil)
		r := &recorder{t: t}
		out := &output{failCommit: errors.New("the broker is gone")}
		j.Spans, j.SpanPeriod, j.Output = r, time.Millisecond, out
		j.Config.Commit.Interval = 2 * time.Second
		runner, err := shadow.New(j)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = runner.Run(t.Context()); err == nil {
			t.Fatal("the run ended without an error")
		}
		if len(r.texts) > 0 {
			t.Errorf("%d spans were given away, and nothing has committed", len(r.texts))
		}
	})
}

// salting is a Redaction that shows everything, and changes the hashes of keys.
type salting struct{}

func (salting) IsRedacted(string, string) bool  { return false }
func (salting) Replace(text string) string      { return text }
func (salting) ReplaceError(text string) string { return text }
func (salting) Salted(hash uint64) uint64       { return hash * 31 }

// TestHashesOfKeysAreSalted: from the hash of a key that has few possible values, the key could
// be found. There are as many keys and units as without.
func TestHashesOfKeysAreSalted(t *testing.T) {
	run := func(r shadow.Redaction) (topics []evidence.Topic) {
		synctest.Test(t, func(t *testing.T) {
			plan, in := trades(40)
			j, _ := stateJob(plan, in, config(), 3, nil)
			rec := &recorder{t: t}
			j.Spans, j.Redaction = rec, r
			runner, err := shadow.New(j)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = runner.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, s := range rec.spans() {
				topics = append(topics, s.Topics...)
			}
		})
		return topics
	}
	plain, salted := run(nil), run(salting{})
	if len(plain) != len(salted) || len(plain) == 0 {
		t.Fatalf("%d and %d topics", len(plain), len(salted))
	}
	for i := range plain {
		keys, units := plain[i].Keys.Clone(), plain[i].Units.Clone()
		keys.Merge(salted[i].Keys)
		units.Merge(salted[i].Units)
		n, m := plain[i].Keys.AtLeast(), plain[i].Units.AtLeast()
		if n == 0 || salted[i].Keys.AtLeast() != n || salted[i].Units.AtLeast() != m || keys.AtLeast() != 2*n || units.AtLeast() != 2*m {
			t.Errorf("%d keys, %d units; salted %d, %d; together %d, %d", n, m, salted[i].Keys.AtLeast(), salted[i].Units.AtLeast(), keys.AtLeast(), units.AtLeast())
		}
	}
}
