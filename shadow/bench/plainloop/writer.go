package plainloop

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// writer writes the output of a loop.
type writer struct {
	loop   *Loop
	ctx    context.Context
	client *kgo.GroupTransactSession
	result *Result
	values [][]byte
	latest time.Time // of the records of the last poll
	// arena is the unused part of the memory that rows are copied to. A producer keeps rows
	// until the broker has acknowledged them.
	arena []byte
}

// arenaBytes is the size of one allocation for rows.
const arenaBytes = 1 << 20

func (l *Loop) writer(ctx context.Context, s *kgo.GroupTransactSession, r *Result) *writer {
	return &writer{loop: l, ctx: ctx, client: s, result: r}
}

// take copies or processes the records of a poll and returns their number.
func (w *writer) take(fetches kgo.Fetches) (n int, err error) {
	w.values = w.values[:0]
	fetches.EachRecord(func(rec *kgo.Record) {
		n++
		if w.loop.Work != nil {
			w.values, w.latest = append(w.values, rec.Value), rec.Timestamp
			return
		}
		w.result.Rows++
		w.client.Produce(w.ctx, &kgo.Record{Topic: w.loop.Out, Partition: rec.Partition, Key: rec.Key, Value: rec.Value, Timestamp: rec.Timestamp}, nil)
	})
	w.result.Records += int64(n)
	if w.loop.Work != nil {
		err = w.loop.Work(w.values, w.row)
	}
	return n, err
}

// row writes a row.
func (w *writer) row(key, value []byte) {
	w.result.Rows++
	w.client.Produce(w.ctx, &kgo.Record{Topic: w.loop.Out, Key: w.keep(key), Value: w.keep(value), Timestamp: w.latest}, nil)
}

// keep copies bytes to the arena.
func (w *writer) keep(b []byte) []byte {
	if len(w.arena)+len(b) > cap(w.arena) {
		w.arena = make([]byte, 0, max(arenaBytes, len(b)))
	}
	from := len(w.arena)
	w.arena = append(w.arena, b...)
	return w.arena[from:len(w.arena):len(w.arena)]
}
