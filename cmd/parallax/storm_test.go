package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"parallax/shadow/demo"
	"parallax/shadow/kafka"
)

// Clients ask for metrics as fast as they can, and others hold more connections open
// than there may be, while a job runs: every record is processed and compared, and
// metrics are answered throughout.
func TestAStormOfRequestsLeavesTheJobAlone(t *testing.T) {
	out := &said{}
	e := &env{ctx: t.Context(), out: io.Discard, errs: out, log: slog.New(slog.DiscardHandler)}
	d, err := demo.New(demo.Options{
		Scenario: "3b", Partitions: 2, Strategy: "auto", Listen: "127.0.0.1:0", Seed: 1, Log: e.log, Observer: &watcher{e: e},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	j := d.Job
	const steps, aStep = 8, 2500
	j.Task.UntilEnd = false
	j.Feed = func(ctx context.Context, _ *kafka.Task) error {
		stop := startStorm(ctx, out.address())
		defer stop()
		for range steps {
			if err := d.Produce(ctx, aStep, func(int64) {}); err != nil {
				return err
			}
			text, err := get(ctx, out.address()+"/metrics")
			if err != nil || !strings.Contains(text, "parallax_records_total") {
				return fmt.Errorf("/metrics: %q, %w", text, err)
			}
		}
		return nil
	}
	r, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum := summary(r)
	if l := sum.Ledger; l.Compared != steps*aStep || l.Records() != steps*aStep || sum.Divergences.Root != 0 {
		t.Errorf("%d produced, ledger %+v, %+v", steps*aStep, l, sum.Divergences)
	}
}

// startStorm asks a server for metrics from many connections, and holds others open,
// until stop.
func startStorm(ctx context.Context, url string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for ctx.Err() == nil {
				_, _ = get(ctx, url+"/metrics") // its connection may have been closed for another
			}
		})
	}
	for range 256 {
		all.Go(func() {
			for ctx.Err() == nil {
				c, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
				if err != nil {
					return
				}
				end := context.AfterFunc(ctx, func() { _ = c.Close() })
				_, _ = io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost:")
				_, _ = io.Copy(io.Discard, c) // until the server closes it
				end()
				_ = c.Close()
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}
