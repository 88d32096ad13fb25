package shadow_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/evidence"
)

// stopped runs a job whose V1 is at its third batch when it is asked to end, and
// goes on with that as stay says; and returns the time that the stop took.
func stopped(t *testing.T, stay func(ctx context.Context) error) (out *output, rep evidence.Report, took time.Duration, err error) {
	v1 := whenBatch(2, func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
		return o, stay(ctx)
	})
	out = &output{}
	r, err := shadow.New(job(newInput(5), out, v1, nil, config()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		rep, err = r.Run(ctx)
	}()
	synctest.Wait()
	begin := time.Now()
	cancel()
	<-done
	return out, rep, time.Since(begin), err
}

func TestAStopInterruptsABatchThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, rep, took, err := stopped(t, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if err != nil {
			t.Errorf("a stop is no error of V1's: %v", err)
		}
		if took != 10*time.Second {
			t.Errorf("the batch was interrupted after %v", took)
		}
		if !slices.Contains(out.committed, "offset 20") || slices.Contains(out.committed, "offset 30") || len(out.open) != 0 {
			t.Errorf("committed %v, open %v", out.committed, out.open)
		}
		if l := rep.Ledger; l.Pending != 10 || l.Records() != 30 || l.Gap != 0 {
			t.Errorf("the ledger is %+v", l)
		}
	})
}

func TestABatchThatEndsSoonAfterAStopIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, rep, took, err := stopped(t, func(ctx context.Context) error {
			select {
			case <-time.After(9 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil || took >= 10*time.Second {
			t.Errorf("it took %v: %v", took, err)
		}
		if !slices.Contains(out.committed, "offset 30") || rep.Ledger.Pending != 0 {
			t.Errorf("committed %v, ledger %+v", out.committed, rep.Ledger)
		}
	})
}
