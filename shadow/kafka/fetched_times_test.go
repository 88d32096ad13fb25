package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// asFetched is the time.Time that the client makes of a timestamp.
func asFetched(ms int64) time.Time { return time.Unix(0, ms*1_000_000) }

func TestAPieceKnowsTheLargestTimestampBeforeIt(t *testing.T) {
	record := func(ms int64) *kgo.Record { return &kgo.Record{Timestamp: asFetched(ms)} }
	marker := record(99)
	marker.Attrs = kgo.NewRecordAttrs(kgo.RecordAttrsOpts{Control: true})
	of := func(partition int32, records ...*kgo.Record) *piece {
		p := &piece{}
		p.Topic, p.Partition, p.Records = "t", partition, records
		return p
	}
	so := map[row.TopicPartition]int64{}
	list := []*piece{of(0, record(5), record(3)), of(1, record(row.MaxEventTime)), of(0, record(0), record(-1)), of(0, record(8), marker)}
	largestBefore(list, so)
	more := []*piece{of(0, record(1)), of(1)}
	largestBefore(more, so)
	for i, want := range []int64{0, 0, 5, 5, 8, row.MaxEventTime} {
		if got := append(list, more...)[i].largest; got != want {
			t.Errorf("piece %d comes after %d, want %d", i, got, want)
		}
	}
}
