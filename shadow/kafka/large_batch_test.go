package kafka_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"parallax/shadow/kafka"
)

// TestALargeBatchEndsWhereItWouldLeaveTheCache: kafka.batch is the most records of a batch.
func TestALargeBatchEndsWhereItWouldLeaveTheCache(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		const records = 20_000
		p.fill(t, records, 1)
		pl, cfg := p.compile(t, copies), p.config("g")
		cfg.Batch = 100_000
		task, err := kafka.Open(t.Context(), cfg, pl, kafka.Options{Job: cfg.Group, UntilEnd: true, Client: p.client})
		if err != nil {
			t.Fatal(err)
		}
		most, taken := 0, 0
		for {
			synctest.Wait() // all that can be fetched by now is there
			b, err := task.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			most, taken = max(most, b.Len()), taken+b.Len()
		}
		if most < 1500 || most > 3000 || taken != records {
			t.Errorf("%d records came in batches of at most %d; want %d in batches of 1,500 to 3,000", taken, most, records)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
