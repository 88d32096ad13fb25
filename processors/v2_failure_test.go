package processors_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

func TestAPanicInAPartitionIsTheErrorOfItsBatchAndTheOnesBeforeComeOut(t *testing.T) {
	trades := processortest.RandomTrades(4, 600)
	batches := processortest.Batches(trades, 100, true)
	boom := errors.New("boom")
	v2 := newV2(t, plans["without a window"](), 3, partitions.Hooks{
		Before: func(partition, _ int, b *row.Batch, _ []int32) bool {
			if partition == 1 && b.Seq == 3 {
				panic(boom)
			}
			return true
		},
	})
	for _, b := range batches {
		if err := v2.Submit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for seq := range 3 {
		if _, err := v2.Next(t.Context()); err != nil {
			t.Fatalf("batch %d is before the panic: %v", seq, err)
		}
	}
	_, err := v2.Next(t.Context())
	p, ok := errors.AsType[*processors.PanicError](err)
	if !ok || !errors.Is(err, boom) {
		t.Fatalf("got %v, want a PanicError that wraps the panic's value", err)
	}
	if p.Partition != 1 || p.Batch != 3 || !strings.Contains(string(p.Stack), "v2_failure_test.go") {
		t.Errorf("got partition %d, batch %d, stack %s", p.Partition, p.Batch, p.Stack)
	}
	const want = "v2: partition 1, query 0 (RUNNING): panic in batch 3 (trades/0@100..133, trades/1@100..132, trades/2@100..132): boom"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if _, again := v2.Next(t.Context()); again != err {
		t.Errorf("the next Next says %v", again)
	}
	if again := v2.Submit(t.Context(), batches[0]); again != err {
		t.Errorf("the next Submit says %v", again)
	}
	if _, again := v2.Snapshot(); !errors.Is(again, err) {
		t.Errorf("a snapshot of it says %v", again)
	}
}

func TestAPanicInTheRouterIsTheErrorOfItsBatch(t *testing.T) {
	v2 := newV2(t, plans["without a window"](), 2, partitions.Hooks{
		Route: func(_ int, b *row.Batch, i, partition int) int {
			if b.First+int64(i) == 15 {
				panic("no way")
			}
			return partition
		},
	})
	batches := processortest.Batches(processortest.RandomTrades(5, 30), 10, false)
	if _, err := v2.Process(t.Context(), batches[0]); err != nil {
		t.Fatal(err)
	}
	_, err := v2.Process(t.Context(), batches[1])
	p, ok := errors.AsType[*processors.PanicError](err)
	if !ok || p.Partition != -1 || !strings.Contains(err.Error(), "coordinator, routing of RUNNING: panic in batch 1") {
		t.Errorf("got %v", err)
	}
}

func TestAHungPartitionIsLeftBehindAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v2, err := partitions.New(plans["without a window"](), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, processors.Options{},
			partitions.Hooks{Before: func(partition, _ int, _ *row.Batch, _ []int32) bool {
				if partition == 2 {
					<-release
				}
				return true
			}})
		if err != nil {
			t.Fatal(err)
		}
		b := processortest.Batches(processortest.RandomTrades(6, 10), 10, false)[0]
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, err := v2.Process(ctx, b)
			result <- err
		}()
		synctest.Wait()
		if n := v2.Leaked(); n != 0 {
			t.Errorf("%d goroutines are leaked before Close", n)
		}
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		closeIt(t, v2) // must come back
		if n := v2.Leaked(); n != 1 {
			t.Errorf("%d goroutines are leaked, want 1", n)
		}
		close(release)
		synctest.Wait()
		if n := v2.Leaked(); n != 0 {
			t.Errorf("%d goroutines are leaked after the hang ended", n)
		}
	})
}

func TestCloseInterruptsThePartitionsInTheMiddleOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := make(chan struct{})
		var wentOn atomic.Int32
		v2, err := partitions.New(plans["without a window"](), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, processors.Options{},
			partitions.Hooks{
				Before: func(int, int, *row.Batch, []int32) bool {
					<-closed
					return true
				},
				After: func(int, int, *row.Batch, []row.Change) { wentOn.Add(1) },
			})
		if err != nil {
			t.Fatal(err)
		}
		if err := v2.Submit(t.Context(), processortest.Batches(processortest.RandomTrades(6, 100), 100, false)[0]); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		closeIt(t, v2)
		close(closed)
		synctest.Wait()
		if n := wentOn.Load(); n != 0 || v2.Leaked() != 0 {
			t.Errorf("%d partitions went on to the end of the batch; %d goroutines are leaked", n, v2.Leaked())
		}
	})
}

func TestCloseEndsAWaitingCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v2, err := partitions.New(plans["a projection"](), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2}, processors.Options{}, partitions.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		result := make(chan error)
		go func() {
			_, err := v2.Next(context.Background())
			result <- err
		}()
		synctest.Wait()
		closeIt(t, v2)
		closeIt(t, v2) // twice is fine
		if err := <-result; !errors.Is(err, partitions.ErrClosed) {
			t.Errorf("Next says %v", err)
		}
		if err := v2.Submit(t.Context(), row.NewFlush(0, 0, 1)); !errors.Is(err, partitions.ErrClosed) {
			t.Errorf("Submit says %v", err)
		}
		if n := v2.Leaked(); n != 0 {
			t.Errorf("%d goroutines are leaked", n)
		}
	})
}
