package kafka

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestAReadEndsWhenNothingArrivesForKafkaPatience: however long the whole read takes, and with the reason.
func TestAReadEndsWhenNothingArrivesForKafkaPatience(t *testing.T) {
	away := errors.New("no broker can be reached")
	for _, c := range []struct {
		name    string
		records int
		hangs   bool
		reach   error
		takes   time.Duration
		err     string
	}{
		{"all arrives", 5, false, nil, 50 * time.Second, ""},
		{"the brokers are away", 2, true, away, 40 * time.Second, "read journal: no record arrived for 20s, which is more than kafka.patience: no broker"},
		{"a transaction is open", 0, true, nil, 20 * time.Second, "a transaction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				r := &reading{
					topic: "journal", log: slog.New(slog.NewTextHandler(&log, nil)), most: 20 * time.Second, reach: func() error { return c.reach },
					read: func(ctx context.Context, arrived func()) error {
						for range c.records {
							time.Sleep(10 * time.Second)
							arrived()
						}
						if c.hangs {
							<-ctx.Done()
							return ctx.Err()
						}
						return nil
					},
				}
				begun := time.Now()
				err := r.await(t.Context())
				if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
					t.Errorf("the error is %v", err)
				}
				if c.reach != nil && !errors.Is(err, c.reach) {
					t.Errorf("the error %v is not that of the brokers", err)
				}
				if took := time.Since(begun); took < c.takes || took > c.takes+10*time.Second {
					t.Errorf("it took %v, want %v", took, c.takes)
				}
				if !strings.Contains(log.String(), "waiting for the records of a topic") {
					t.Errorf("the wait is not logged: %s", log.String())
				}
			})
		})
	}
	t.Run("the job is stopped", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), time.Second)
			defer stop()
			r := &reading{topic: "journal", log: slog.New(slog.DiscardHandler), most: time.Minute, reach: func() error { return nil }, read: func(ctx context.Context, _ func()) error {
				<-ctx.Done()
				return ctx.Err()
			}}
			if err := r.await(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v", err)
			}
		})
	})
}
