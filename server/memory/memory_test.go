package memory_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/memory"
)

func TestTheLargestV2GoesAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var live, hoarded atomic.Int64
		live.Store(100 << 20)
		hoarded.Store(10 << 20)
		w := memory.New(1<<30, live.Load)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go w.Run(ctx)
		small := w.Open("small", func() int64 { return 20 << 20 })
		hoarder := w.Open("hoarder", hoarded.Load)
		later := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		stays := func(a *memory.Account) {
			t.Helper()
			if _, err := a.Held(); err != nil {
				t.Errorf("it must go: %v", err)
			}
		}
		later(time.Minute)
		stays(small)
		stays(hoarder)
		hoarded.Store(700 << 20)
		live.Store(900 << 20)
		later(2 * time.Second)
		stays(small)
		if held, err := hoarder.Held(); err == nil || held != 700<<20 || !strings.Contains(err.Error(), "V2 of job hoarder is the largest, with about 700 MiB") {
			t.Errorf("%d, %v", held, err)
		}
		hoarded.Store(0) // it is gone, and its memory is not yet collected
		later(2 * time.Second)
		stays(small)
		live.Store(200 << 20)
		later(time.Minute)
		stays(small)
		stays(hoarder)
		hoarder.Close()
		live.Store(1 << 30)
		later(2 * time.Second)
		if _, err := small.Held(); err == nil {
			t.Error("the process is full, and nothing goes")
		}
	})
}
