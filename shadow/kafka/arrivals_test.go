package kafka

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

func TestABatchWasFetchedWhenItsOldestRecordWas(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	task := &Task{parts: map[row.TopicPartition]*position{
		{Topic: "a"}: {arrivals: arrivals{{next: 10, at: at(1)}, {next: 20, at: at(5)}}},
		{Topic: "b"}: {arrivals: arrivals{{next: 3, at: at(4)}}},
	}}
	for tp, p := range task.parts {
		*task.places.At(tp) = p
	}
	batch := func(records ...row.Record) *row.Batch { return row.NewBatch(0, 0, records, nil) }
	a, b := row.TopicPartition{Topic: "a"}, row.TopicPartition{Topic: "b"}
	for _, c := range []struct {
		batch *row.Batch
		want  time.Time
	}{
		{batch(row.Record{TopicPartition: b, Offset: 0}, row.Record{TopicPartition: a, Offset: 8}), at(1)},
		{batch(row.Record{TopicPartition: a, Offset: 9}, row.Record{TopicPartition: a, Offset: 10}), at(1)},
		{batch(row.Record{TopicPartition: a, Offset: 15}, row.Record{TopicPartition: b, Offset: 2}), at(4)},
		{batch(row.Record{TopicPartition: a, Offset: 19}), at(5)},
	} {
		task.took(c.batch)
		if got := task.Fetched(); !got.Equal(c.want) {
			t.Errorf("%s: fetched at %v, want %v", c.batch.Offsets(), got, c.want)
		}
	}
}

// However fetches cut a topic-partition, each record is found in its own.
func TestEachRecordIsFoundInItsFetch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Int64Range(1, 5), 1, 20).Draw(t, "sizes")
		var a arrivals
		next := int64(0)
		var want []time.Time
		for i, size := range sizes {
			next += size
			at := time.Unix(int64(i), 0)
			a = append(a, arrival{next: next, at: at})
			for range size {
				want = append(want, at)
			}
		}
		for offset, at := range want {
			if got := a.of(int64(offset)); !got.Equal(at) {
				t.Fatalf("offset %d: %v, want %v", offset, got, at)
			}
		}
		if got := a.of(next); !got.IsZero() {
			t.Fatalf("after the last fetch: %v", got)
		}
	})
}
