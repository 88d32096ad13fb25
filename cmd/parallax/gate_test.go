package main

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// spanOf is the evidence of the positions from from to that before to: all compared, equal,
// and enough for the default policy if there are 10,000.
func spanOf(job string, from, to int64, ended time.Time) *evidence.Span {
	level := diff.E1
	n := to - from
	s := &evidence.Span{
		Version: evidence.SpanVersion, Job: job, Task: "all", Incarnation: "one", From: from, To: to, Merged: 1,
		Program: evidence.Program{Version: "1"},
		Offsets: []evidence.Offsets{{TopicPartition: row.TopicPartition{Topic: "in"}, From: from, To: to}},
		Wall:    [2]time.Time{ended.Add(-10 * time.Minute), ended}, Stage: "shadow",
		Ledger: diff.Ledger{Compared: n}, Outputs: evidence.Outputs{V1: n, V2Raw: n, V2Merged: n},
		Require: diff.E3, Levels: map[string]diff.Level{"out": diff.E1},
		Topics: []evidence.Topic{{Topic: "out", Level: &level, Unit: diff.UnitKey, Rows: n, NewUnits: n}},
		Lag:    evidence.Lag{Most: -1},
		V2: &evidence.SpanV2{Processor: "v2:2", Implementation: "V2", Routing: []evidence.Routed{
			{Output: "O", Routing: evidence.Routing{Query: "O", Strategy: "always_hash", Records: []int64{n / 2, n - n/2}}},
		}},
		Partitions: []evidence.Work{{Records: n / 2}, {Records: n - n/2}},
		Mutations:  []evidence.Mutation{{Name: "extra", Class: "extra", Injected: 10, Detected: 10}},
	}
	for i := from; i < to; i++ {
		s.Topics[0].Keys.Add(uint64(i) * 0x9e3779b97f4a7c15)
		s.Topics[0].Units.Add(uint64(i) * 0x9e3779b97f4a7c15)
	}
	return s
}

// spanKinds are what a span of a test can have, beside being equal.
var spanKinds = map[string]func(*evidence.Span){
	"equal": func(*evidence.Span) {},
	"differs": func(s *evidence.Span) {
		level := diff.None
		s.Levels["out"], s.ByClass = diff.None, map[diff.Class]int64{diff.ValueClass: 2}
		s.Topics[0].Level, s.Topics[0].Root, s.Topics[0].Cascade = &level, 1, 1
		s.Divergences = []evidence.Divergence{{Signature: "00aa11bb22cc", Class: diff.ValueClass, Topic: "out", Columns: []string{"FEE"}, Root: 1, Cascade: 1, Seen: s.Wall}}
	},
	"hole": func(s *evidence.Span) {
		n := s.To - s.From
		s.Ledger, s.Levels, s.Partitions = diff.Ledger{Shed: n}, nil, nil
		s.Topics[0].Level, s.Topics[0].Rows, s.Topics[0].Units, s.Topics[0].Keys = nil, 0, evidence.Keys{}, evidence.Keys{}
		s.Holes = []evidence.SpanHole{{Hole: evidence.Hole{From: 1, To: evidence.NoBatch, Records: n, Shed: true, Reason: "V2 was too slow"}, Batches: 1}}
	},
	"blind": func(s *evidence.Span) { s.Mutations[0].Detected = 9 },
}

// writeSpans stores evidence of a job: spans DIR JOB V2 HOURS KIND:RECORDS... Each span has
// that many records; the last one ended some hours ago, and each one before it a day earlier.
func writeSpans(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: spans DIR JOB V2 HOURS KIND:RECORDS...")
	}
	hours, err := strconv.Atoi(args[3])
	ts.Check(err)
	w, err := store.Open(ts.MkAbs(args[0]), args[1], store.Options{})
	ts.Check(err)
	// The identity of the job file job.yaml, or, for other words than "now", of another V2.
	l, err := config.Load(ts.MkAbs("job.yaml"), nil)
	ts.Check(err)
	identity, err := job.IdentityOf(l, thisProgram())
	ts.Check(err)
	if args[2] != "now" {
		identity.V2 = args[2]
	}
	position := int64(0)
	for i, arg := range args[4:] {
		kind, count := arg, int64(10_000)
		if k, n, ok := cut(arg); ok {
			kind, count = k, n
		}
		ended := time.Now().Add(-time.Duration(hours+24*(len(args[4:])-1-i)) * time.Hour)
		s := spanOf(args[1], position, position+count, ended)
		position += count
		change, ok := spanKinds[kind]
		if !ok {
			ts.Fatalf("no kind of span is %s", kind)
		}
		change(s)
		ts.Check(w.Append(identity, s))
	}
	ts.Check(w.Close())
}

// cut reads KIND:RECORDS.
func cut(arg string) (kind string, records int64, ok bool) {
	for i := range arg {
		if arg[i] == ':' {
			n, err := strconv.ParseInt(arg[i+1:], 10, 64)
			return arg[:i], n, err == nil
		}
	}
	return "", 0, false
}

// TestWaitingForAVerdict: a pass and a fail end the wait, an inconclusive verdict only its
// end.
func TestWaitingForAVerdict(t *testing.T) {
	failed := errors.New("the store is gone")
	for _, c := range []struct {
		name       string
		wait       time.Duration
		states     []gate.State // one a judgement; the last one stays
		err        error
		want       gate.State
		took       time.Duration
		judgements int
	}{
		{"pass at once", time.Hour, []gate.State{gate.Pass}, nil, gate.Pass, 0, 1},
		{"pass later", time.Hour, []gate.State{gate.Inconclusive, gate.Inconclusive, gate.Pass}, nil, gate.Pass, time.Minute, 3},
		{"fail at once", time.Hour, []gate.State{gate.Fail, gate.Pass}, nil, gate.Fail, 0, 1},
		{"fail later", time.Hour, []gate.State{gate.Inconclusive, gate.Fail}, nil, gate.Fail, 30 * time.Second, 2},
		{"error at once", time.Hour, []gate.State{gate.Error, gate.Pass}, nil, gate.Error, 0, 1},
		{"inconclusive to the end", 70 * time.Second, []gate.State{gate.Inconclusive}, nil, gate.Inconclusive, 70 * time.Second, 4},
		{"no wait", 0, []gate.State{gate.Inconclusive, gate.Pass}, nil, gate.Inconclusive, 0, 1},
		{"no verdict", time.Hour, nil, failed, "", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, n := time.Now(), 0
				d, err := waited(t.Context(), c.wait, 30*time.Second, func() (verdict.Document, error) {
					n++
					if c.err != nil {
						return verdict.Document{}, c.err
					}
					return verdict.Document{Verdict: c.states[min(n, len(c.states))-1]}, nil
				})
				if d.Verdict != c.want || !errors.Is(err, c.err) || time.Since(begun) != c.took || n != c.judgements {
					t.Errorf("%q, %v after %v and %d judgements; want %q, %v after %v and %d", d.Verdict, err, time.Since(begun), n, c.want, c.err, c.took, c.judgements)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		d, err := waited(ctx, time.Hour, time.Minute, func() (verdict.Document, error) { return verdict.Document{Verdict: gate.Inconclusive}, nil })
		if d.Verdict != gate.Inconclusive || err != nil {
			t.Errorf("interrupted: %q, %v", d.Verdict, err)
		}
	})
}
