package shadow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/evidence"
)

// reportsWhile takes reports from another goroutine while a job runs: at least one for
// each of V1's batches. It returns what the run returned, and the last report.
func reportsWhile(t *testing.T, j shadow.Job, check func(evidence.Report) error) (rep, last evidence.Report) {
	t.Helper()
	taken, over := make(chan struct{}), make(chan struct{})
	j.Control = func() (processors.Processor, error) {
		return &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-taken
			return o, nil
		}}, nil
	}
	r, err := shadow.New(j)
	if err != nil {
		t.Fatal(err)
	}
	if before := r.Report(); before.Ledger.Records() != 0 || !before.Running {
		t.Errorf("before it runs: %+v", before)
	}
	failed := make(chan error, 1)
	go func() {
		var wrong error
		defer func() { failed <- wrong }()
		for {
			rep := r.Report()
			if err := check(rep); err != nil && wrong == nil {
				wrong = err
			}
			select {
			case taken <- struct{}{}:
			case <-over:
				return
			}
		}
	}()
	rep, err = r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	close(over)
	if err := <-failed; err != nil {
		t.Error(err)
	}
	return rep, r.Report()
}

// TestAReportCanBeTakenWhileTheJobRuns also runs with the race detector: all that a report
// refers to is read, while the run goes on.
func TestAReportCanBeTakenWhileTheJobRuns(t *testing.T) {
	for name, v2 := range map[string]*path{
		"well": {},
		"wrong": {act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			if o.Batch.Seq%3 == 0 {
				o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
			}
			return o, nil
		}},
		"failing": whenBatch(100, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") }),
		"off":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			const batches = 300
			j := job(newInput(batches), &output{}, nil, v2, blocking())
			var records, roots int64
			running := 0
			rep, last := reportsWhile(t, j, func(rep evidence.Report) error {
				if rep.Running {
					running++
				}
				if _, err := json.Marshal([]any{rep.Diff, rep.Candidate, rep.Throughput, rep.Run, rep.SetAside}); err != nil {
					return err
				}
				l := rep.Ledger
				switch done := l.Compared + l.Filtered - rep.Uncounted; {
				case l.Gap != 0 || l.Records() < records || rep.Diff.Root < roots:
					return fmt.Errorf("%d records after %d, %d roots after %d, gap %d", l.Records(), records, rep.Diff.Root, roots, l.Gap)
				case !rep.V2Off && rep.Detached == "" && rep.Processed() < done:
					return fmt.Errorf("V2's partitions have processed %d records, and %d were compared", rep.Processed(), done)
				}
				records, roots = l.Records(), rep.Diff.Root
				return nil
			})
			if running < batches {
				t.Errorf("%d reports were taken while the job ran, want at least one for each of %d batches", running, batches)
			}
			if last.Running || !reflect.DeepEqual(rep, last) {
				t.Errorf("the last report is\n%+v\nthe run's\n%+v", last, rep)
			}
			if l := rep.Ledger; l.Records() != 10*batches || l.Pending != 0 || l.Gap != 0 {
				t.Errorf("ledger %+v", l)
			}
			if want := (diff.Ledger{Compared: 9 * batches, Undecodable: batches}); name == "well" && rep.Ledger != want {
				t.Errorf("ledger %+v, want %+v", rep.Ledger, want)
			}
			if name == "failing" && (len(rep.Holes) != 1 || rep.Holes[0].Batches != batches-100) {
				t.Errorf("holes %+v", rep.Holes)
			}
		})
	}
}
