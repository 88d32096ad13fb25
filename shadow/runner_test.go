package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/metrics"
)

// input is a bounded Source of small batches.
type input struct {
	batches []*row.Batch
	// pause, where it is set, is how long each batch takes to come; due is when
	// the next one does.
	pause time.Duration
	due   time.Time
}

func (s *input) Next(ctx context.Context) (*row.Batch, error) {
	if len(s.batches) == 0 {
		return nil, io.EOF
	}
	if s.pause > 0 {
		if s.due.IsZero() {
			s.due = time.Now().Add(s.pause)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Until(s.due)):
		}
		s.due = time.Time{}
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	return b, nil
}

// newInput makes batches of ten records; in each, record 3 is undecodable.
func newInput(batches int) *input {
	s := &input{}
	for seq := range batches {
		records := make([]row.Record, 10)
		for i := range records {
			at := int64(seq*10 + i)
			records[i] = row.Record{
				TopicPartition: row.TopicPartition{Topic: "in", Partition: 1},
				Offset:         at, Timestamp: at, EventTime: at, Watermark: at,
			}
			if i == 3 {
				records[i].State, records[i].Err = row.Undecodable, errors.New("no JSON object")
			}
		}
		s.batches = append(s.batches, row.NewBatch(int64(seq), int64(seq*10), records, []*row.Table{nil}))
	}
	return s
}

// output keeps what committed, as text.
type output struct {
	open, committed []string
	dead            int
	failCommit      error
}

func (o *output) Emit(_ context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	for _, c := range changes {
		o.open = append(o.open, fmt.Sprintf("%d:%v", c.Position, c.Values))
	}
	o.dead += len(dead)
	if b.Len() > 0 {
		o.open = append(o.open, fmt.Sprintf("offset %d", b.Record(b.Len()-1).Offset+1))
	}
	return nil
}

func (o *output) Commit(context.Context) error {
	if o.failCommit != nil {
		return o.failCommit
	}
	o.committed = append(o.committed, o.open...)
	o.open = nil
	return nil
}

// path is a processor that makes one row a record, and does as act says.
type path struct {
	act     func(ctx context.Context, o *row.Outcome) (*row.Outcome, error)
	records atomic.Int64
}

func (p *path) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o := &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}
	for i := range b.Len() {
		if b.Record(i).State == row.Undecodable {
			continue
		}
		o.Dispositions[i] = row.Output
		o.Changes = append(o.Changes, row.Change{
			Position: b.First + int64(i), Phase: 1, Step: 1, Cause: int32(i), Timestamp: b.Record(i).EventTime,
			Key:    []row.Value{row.NewBigint(b.First + int64(i))},
			Values: []row.Value{row.NewBigint(b.Record(i).Offset)},
		})
		p.records.Add(1)
	}
	o.Raw = int64(len(o.Changes))
	if p.act != nil {
		return p.act(ctx, o)
	}
	return o, nil
}

func (p *path) Describe() processors.Description {
	return processors.Description{Name: "fake", Version: "fake"}
}
func (p *path) Close() error { return nil }
func (p *path) Partitions() []processors.PartitionStats {
	return []processors.PartitionStats{{Records: p.records.Load()}}
}

var sinks = []*row.Sink{{
	Name: "OUT", Topic: "out",
	Key:    []row.Column{{Name: "K", Type: row.Of(row.Bigint)}},
	Values: []row.Column{{Name: "V", Type: row.Of(row.Bigint)}},
}}

func config() shadow.Config {
	return shadow.Config{Candidate: candidate.Default(), Commit: shadow.CommitPolicy{Interval: 100 * time.Millisecond, MaxRecords: 35, MaxBytes: 1 << 20}}
}

func job(in *input, out *output, v1, v2 *path, cfg shadow.Config) shadow.Job {
	j := shadow.Job{
		Sinks: sinks, Source: in, Output: out, Config: cfg, RequireLevel: diff.E1,
		Control: func() (processors.Processor, error) { return v1, nil },
	}
	if v2 != nil {
		j.Candidate = func() (processors.Processor, error) { return v2, nil }
	}
	return j
}

func run(t *testing.T, ctx context.Context, j shadow.Job) (evidence.Report, error) {
	t.Helper()
	r, err := shadow.New(j)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := r.Run(ctx)
	if rep.Broken != "" {
		t.Errorf("Parallax itself failed: %v", rep.Broken)
	}
	return rep, err
}

// whenBatch acts on one batch and lets the others be.
func whenBatch(seq int64, act func(context.Context, *row.Outcome) (*row.Outcome, error)) *path {
	return &path{act: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
		if o.Batch.Seq == seq {
			return act(ctx, o)
		}
		return o, nil
	}}
}

func always(p *path) func(<-chan struct{}) *path {
	return func(<-chan struct{}) *path { return p }
}

func TestWhateverV2DoesV1EmitsTheSame(t *testing.T) {
	var want []string
	for _, c := range []struct {
		name   string
		v2     func(release <-chan struct{}) *path // nil: V2 is off
		ledger diff.Ledger
		class  diff.Class // the one root divergence, "" for none
		reason string
	}{
		{name: "well", v2: always(&path{}), ledger: diff.Ledger{Compared: 90, Undecodable: 10}},
		{name: "absent", v2: nil, ledger: diff.Ledger{NotComparable: 90, Undecodable: 10}},
		{
			name: "failing", class: diff.ArmError, reason: "out of cheese",
			v2:     always(whenBatch(4, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") })),
			ledger: diff.Ledger{Compared: 36, V2Error: 9, NotComparable: 45, Undecodable: 10},
		},
		{
			name: "panicking", class: diff.ArmError, reason: "panic: oops",
			v2:     always(whenBatch(0, func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("oops") })),
			ledger: diff.Ledger{V2Error: 9, NotComparable: 81, Undecodable: 10},
		},
		{
			name: "hung, whatever its context says", class: diff.ArmError, reason: "no progress",
			v2: func(release <-chan struct{}) *path {
				return whenBatch(9, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
					<-release
					return o, nil
				})
			},
			ledger: diff.Ledger{Compared: 81, V2Error: 9, Undecodable: 10},
		},
		{
			name: "answering nothing", class: diff.ArmError, reason: "neither an outcome nor an error",
			v2:     always(whenBatch(2, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, nil })),
			ledger: diff.Ledger{Compared: 18, V2Error: 9, NotComparable: 63, Undecodable: 10},
		},
		{
			name: "losing count of records", class: diff.ArmError, reason: "dispositions",
			v2: always(whenBatch(2, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				o.Dispositions = o.Dispositions[1:]
				return o, nil
			})),
			ledger: diff.Ledger{Compared: 18, V2Error: 9, NotComparable: 63, Undecodable: 10},
		},
		{
			name: "wrong in one row", class: diff.ValueClass,
			v2: always(whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
				return o, nil
			})),
			ledger: diff.Ledger{Compared: 90, Undecodable: 10},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &output{}
				release := make(chan struct{})
				defer close(release)
				var v2 *path
				if c.v2 != nil {
					v2 = c.v2(release)
				}
				rep, err := run(t, t.Context(), job(newInput(10), out, &path{}, v2, config()))
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = out.committed
				}
				if len(out.open) != 0 || !slices.Equal(out.committed, want) {
					t.Errorf("V1 committed\n%v\nopen\n%v\nwant\n%v", out.committed, out.open, want)
				}
				if out.dead != 10 {
					t.Errorf("%d dead letters, want 10", out.dead)
				}
				if rep.Ledger != c.ledger {
					t.Errorf("ledger\n%+v\nwant\n%+v", rep.Ledger, c.ledger)
				}
				wantRoots := int64(0)
				if c.class != "" {
					wantRoots = 1
				}
				if rep.Diff.Roots() != wantRoots {
					t.Errorf("%d root divergences, want %d: %+v", rep.Diff.Roots(), wantRoots, rep.Diff.ByClass)
				}
				if c.class != "" && rep.Diff.ByClass[c.class] == 0 {
					t.Errorf("classes %v, want %s", rep.Diff.ByClass, c.class)
				}
				if !strings.Contains(rep.Detached, c.reason) || (c.reason == "") != (rep.Detached == "") {
					t.Errorf("detached: %q, want %q", rep.Detached, c.reason)
				}
			})
		})
	}
}

func TestAPanicInV1NamesTheBatchAndCommitsNothingOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v1 := whenBatch(5, func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("V1 is ill") })
		out := &output{}
		rep, err := run(t, t.Context(), job(newInput(10), out, v1, &path{}, config()))
		if err == nil || !strings.Contains(err.Error(), "in/1@50..59") || !strings.Contains(err.Error(), "V1 is ill") {
			t.Errorf("error: %v", err)
		}
		if last := out.committed[len(out.committed)-1]; last != "offset 40" {
			t.Errorf("committed up to %q, want offset 40: four batches are a transaction", last)
		}
		// Batches 4 (emitted, not committed) and 5 (failed) stay open.
		if want := (diff.Ledger{Compared: 36, Undecodable: 4, Pending: 20}); rep.Ledger != want {
			t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
		}
	})
}

func TestWhatDidNotCommitIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &output{failCommit: errors.New("the assignment is lost")}
		rep, err := run(t, t.Context(), job(newInput(10), out, &path{}, &path{}, config()))
		if err == nil || !strings.Contains(err.Error(), "the assignment is lost") {
			t.Errorf("error: %v", err)
		}
		if want := (diff.Ledger{Pending: 40}); rep.Ledger != want {
			t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
		}
	})
}

// A gauge that waited for the next batch would show records as pending for as long
// as the input pauses after a commit.
func TestTheGaugesOfTheLedgerAreThoseAfterTheLastCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, shown := newInput(10), metrics.New()
		in.pause = time.Second // so that each batch is compared, and committed, before the next
		looked := 0
		v1 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			if o.Batch.Seq == 0 {
				return o, nil // nothing was counted before
			}
			var b strings.Builder
			shown.Write(&b)
			if want := `parallax_ledger_records{bucket="pending"} 0`; !strings.Contains(b.String(), want) {
				t.Errorf("before batch %d: no %s in\n%s", o.Batch.Seq, want, b.String())
			}
			looked++
			return o, nil
		}}
		j := job(in, &output{}, v1, &path{}, config())
		j.Metrics = shown
		if _, err := run(t, t.Context(), j); err != nil || looked == 0 {
			t.Fatalf("looked %d times: %v", looked, err)
		}
	})
}

func TestUnderShedASlowV2IsLeftBehindAndV1DoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(60)
		in.pause = 100 * time.Millisecond
		slow := &path{act: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second):
				return o, nil
			}
		}}
		begin := time.Now()
		rep, err := run(t, t.Context(), job(in, &output{}, &path{}, slow, config()))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 6*time.Second {
			t.Errorf("V1 took %v for its 60 batches, want 6s", took)
		}
		if !rep.Shed || rep.Ledger.Shed == 0 || rep.Ledger.Compared == 0 || rep.Ledger.Records() != 600 || rep.Ledger.Gap != 0 {
			t.Errorf("shed %v, ledger %+v", rep.Shed, rep.Ledger)
		}
		if rep.Diff.Roots() != 0 {
			t.Errorf("shedding is no divergence: %v", rep.Diff.ByClass)
		}
	})
}

func TestUnderBlockASlowV2IsWaitedForAndComparedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.OnOverload = candidate.Block
		slow := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-time.After(9 * time.Second) // just within the deadline
			return o, nil
		}}
		rep, err := run(t, t.Context(), job(newInput(60), &output{}, &path{}, slow, cfg))
		if err != nil {
			t.Fatal(err)
		}
		if want := (diff.Ledger{Compared: 540, Undecodable: 60}); rep.Ledger != want {
			t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
		}
	})
}

func TestARequestToStopFinishesWhatV1Took(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(60)
		in.pause = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+500*time.Millisecond)
		defer cancel()
		out := &output{}
		rep, err := run(t, ctx, job(in, out, &path{}, &path{}, config()))
		if err != nil {
			t.Fatal(err)
		}
		if want := (diff.Ledger{Compared: 90, Undecodable: 10}); rep.Ledger != want {
			t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
		}
		if len(out.open) != 0 {
			t.Errorf("left uncommitted: %v", out.open)
		}
	})
}

func TestMetricsCountWhatThePathsDid(t *testing.T) {
	m := metrics.New()
	v2 := whenBatch(1, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		o.ExpressionErrors = 3
		return o, nil
	})
	j := job(newInput(2), &output{}, &path{}, v2, config())
	j.Metrics = m
	if _, err := run(t, t.Context(), j); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	m.Write(&b)
	for _, line := range []string{
		`parallax_records_total{path="v1"} 20`, `parallax_output_rows_total{path="v2"} 18`,
		`parallax_expression_errors_total{path="v1"} 0`, `parallax_expression_errors_total{path="v2"} 3`,
		`parallax_ledger_records{bucket="compared"} 18`, `parallax_ledger_records{bucket="undecodable"} 2`,
		`parallax_batch_seconds_bucket{path="v1",le="+Inf"} 2`,
	} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, b.String())
		}
	}
}

// sizedOutput is an output that says how much it holds: 100 bytes a row.
type sizedOutput struct {
	output
	most    int64
	commits int
}

func (o *sizedOutput) Pending() int64 { return int64(len(o.open)) * 100 }

func (o *sizedOutput) Commit(ctx context.Context) error {
	o.most = max(o.most, o.Pending())
	o.commits++
	return o.output.Commit(ctx)
}

func TestATransactionEndsOnceItHoldsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Commit = shadow.CommitPolicy{Interval: time.Hour, MaxRecords: 1_000_000, MaxBytes: 2000}
		out := &sizedOutput{}
		j := job(newInput(10), &out.output, &path{}, nil, cfg)
		j.Output = out
		if _, err := run(t, t.Context(), j); err != nil {
			t.Fatal(err)
		}
		// A batch is nine rows and an offset, 1,000 bytes.
		if out.commits != 5 || out.most != 2000 {
			t.Errorf("%d transactions of at most %d bytes, want 5 of 2000", out.commits, out.most)
		}
	})
}
