package shadow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
)

// sampledJob compares 40 % of the keys; spoil sees each of V2's outcomes before
// anybody else.
func sampledJob(t *testing.T, p *plan.Plan, in *input, spoil func(*row.Outcome) error) shadow.Job {
	t.Helper()
	const percent = 40
	j, _ := stateJob(p, in, config(), 3, nil)
	var err error
	if j.Sample, err = partitions.NewSampler(p, percent); err != nil {
		t.Fatal(err)
	}
	j.Candidate = func() (processors.Processor, error) {
		inner, err := partitions.NewSampled(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, p, processors.Options{}, percent)
		return &spoilt{inner.(sampledV2), spoil}, err
	}
	return j
}

// sampledV2 is what a V2 of some of the keys can do.
type sampledV2 interface {
	processors.Pipeliner
	processors.Snapshotter
	processors.Meter
}

type spoilt struct {
	sampledV2
	spoil func(*row.Outcome) error
}

func (s *spoilt) Next(ctx context.Context) (*row.Outcome, error) {
	o, err := s.sampledV2.Next(ctx)
	if err == nil && s.spoil != nil {
		err = s.spoil(o)
	}
	return o, err
}

func TestSomeKeysAreComparedAndTheOthersBooked(t *testing.T) {
	for name, queries := range map[string]func() []*plan.Query{
		"one key": func() []*plan.Query { return []*plan.Query{processortest.Totals(plan.EmitFinal)} },
		"two keys": func() []*plan.Query {
			return []*plan.Query{processortest.Totals(plan.EmitChanges), processortest.Running()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, in := trades(60)
				p := processortest.Plan(queries()...)
				rep, err := run(t, t.Context(), sampledJob(t, p, in, nil))
				if err != nil {
					t.Fatal(err)
				}
				closed(t, rep.Ledger, 3000)
				l := rep.Ledger
				if l.SampledOut == 0 || l.Compared == 0 || l.Shed+l.V2Error+l.NotComparable != 0 {
					t.Errorf("ledger %+v", l)
				}
				rows := int64(0)
				for _, o := range rep.Diff.Outputs {
					rows += o.Rows
				}
				if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Diff.LevelHeld != diff.E1 || rows == 0 || rows >= rep.Outputs.V1 {
					t.Errorf("held %s over %d rows of %d: %+v", rep.Diff.LevelHeld, rows, rep.Outputs.V1, rep.Diff.ByClass)
				}
				processed := int64(0)
				for _, s := range rep.Partitions {
					processed += s.Records
				}
				if processed != l.Compared+l.Filtered-rep.Uncounted || (rep.Uncounted > 0) != (name == "two keys") {
					t.Errorf("V2 processed %d, ledger %+v, uncounted %d", processed, l, rep.Uncounted)
				}
				if rep.Throughput.Contended.Comparable {
					t.Error("the speeds are not to be compared")
				}
			})
		})
	}
}

func TestAWrongRowOfAKeyThatIsInIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(60)
		lost := 0
		rep, err := run(t, t.Context(), sampledJob(t, p, in, func(o *row.Outcome) error {
			if len(o.Changes) > 0 && lost == 0 {
				o.Changes = o.Changes[1:]
				lost++
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		if lost != 1 || rep.Diff.Root != 1 || rep.Diff.ByClass[diff.Missing] != 1 {
			t.Errorf("%d lost, found %+v", lost, rep.Diff.ByClass)
		}
	})
}

func TestASampledV2ThatFailedComesBackWithTheStateOfItsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(60)
		failed := false
		rep, err := run(t, t.Context(), sampledJob(t, p, in, func(o *row.Outcome) error {
			if o.Batch.Seq == 20 && !failed {
				failed = true
				return errors.New("out of cheese")
			}
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 3000)
		l := rep.Ledger
		if rep.Reseeds != 1 || len(rep.Holes) != 1 || rep.Holes[0].Records != l.V2Error+l.NotComparable || l.SampledOut == 0 {
			t.Errorf("%d reseeds, holes %+v, ledger %+v", rep.Reseeds, rep.Holes, l)
		}
		if rep.Diff.Root != 1 || rep.Diff.ByClass[diff.ArmError] != 1 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("held %s: %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
		}
	})
}

// TestRecordsThatV1RefusesCountAsV2sWork: with on_error: dlq they are in a bucket
// of their own, and V2 had them all the same.
func TestRecordsThatV1RefusesCountAsV2sWork(t *testing.T) {
	p, err := plan.Compile(`
		CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
		CREATE TABLE shares WITH (kafka_topic='shares') AS SELECT symbol, SUM(10 / (quantity % 3)) AS share FROM trades GROUP BY symbol;`, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	opt := processors.Options{ErrorsToDeadLetter: true}
	for _, percent := range []float64{100, 40} {
		synctest.Test(t, func(t *testing.T) {
			_, in := trades(20)
			cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}
			j, _ := stateJob(p, in, config(), 3, nil)
			j.Control = func() (processors.Processor, error) { return pipeline.New(p, opt) }
			j.Candidate = func() (processors.Processor, error) { return factory.New(cfg, p, opt) }
			if percent < 100 {
				if j.Sample, err = partitions.NewSampler(p, percent); err != nil {
					t.Fatal(err)
				}
				j.Candidate = func() (processors.Processor, error) { return partitions.NewSampled(cfg, p, opt, percent) }
			}
			rep, err := run(t, t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			processed := int64(0)
			for _, s := range rep.Partitions {
				processed += s.Records
			}
			l := rep.Ledger
			if l.V1Error == 0 || rep.Diff.Root != 0 || processed != l.Compared+l.Filtered-rep.Uncounted {
				t.Errorf("V2 processed %d, uncounted %d, ledger %+v, %+v", processed, rep.Uncounted, l, rep.Diff.ByClass)
			}
		})
	}
}
