package kafka

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// TestAFetchIsDecodedInPiecesAndComesOutWhole: wherever it is cut, gaps are
// counted once, control records are not counted as records, and the order is the broker's.
func TestAFetchIsDecodedInPiecesAndComesOutWhole(t *testing.T) {
	p, err := plan.Compile("CREATE STREAM s (a BIGINT) WITH (kafka_topic='s', value_format='JSON'); SELECT a FROM s;", plan.BuildOptions{DefaultTopic: "out"})
	if err != nil {
		t.Fatal(err)
	}
	task := &Task{plan: p, fetched: make(chan fetch), sequencer: ingest.NewSequencer(p.Sources)}
	decoders, err := task.newDecoders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	task.decoders = []map[string]Decoder{decoders}
	var fetched kgo.FetchTopicPartition
	fetched.Topic = "s"
	want, gaps := []int64{}, int64(0)
	const first, last = 100, 100 + 5*pieceRecords
	for offset := int64(90); offset < last; offset++ {
		r := &kgo.Record{Topic: "s", Offset: offset, Timestamp: time.UnixMilli(offset), Value: fmt.Appendf(nil, `{"a":%d}`, offset)}
		switch {
		case offset < first: // fetched before
		case offset%7 == 3:
			gaps++
			continue
		case offset%1000 == 5:
			gaps++
			r.Attrs = kgo.NewRecordAttrs(kgo.RecordAttrsOpts{Control: true})
		default:
			want = append(want, offset)
		}
		fetched.Records = append(fetched.Records, r)
	}
	next := map[row.TopicPartition]int64{{Topic: "s"}: first}
	ctx, cancel := context.WithCancel(t.Context())
	give, stop := task.decodeAhead(ctx)
	list := pieces(fetched, next)
	if len(list) < 3 {
		t.Fatalf("%d pieces", len(list))
	}
	go func() {
		for _, p := range list {
			give(p)
		}
	}()
	var got []int64
	position := int64(first)
	for range list {
		f := <-task.fetched
		for i := range f.chunk.Records {
			r := &f.chunk.Records[i]
			if a := f.chunk.Table.Columns[0].Int64(int(r.Row)); a != r.Offset {
				t.Fatalf("offset %d was decoded to %d", r.Offset, a)
			}
			got = append(got, r.Offset)
		}
		if f.next < position {
			t.Fatalf("the position went from %d back to %d", position, f.next)
		}
		gaps -= f.gaps
		position = f.next
	}
	cancel()
	stop()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	if end := next[row.TopicPartition{Topic: "s"}]; gaps != 0 || position != end || position != fetched.Records[len(fetched.Records)-1].Offset+1 {
		t.Errorf("gaps off by %d, position %d, next %d", gaps, position, end)
	}
}

func TestAPieceHasFewBytesOrOneRecord(t *testing.T) {
	large := &kgo.Record{Value: make([]byte, 3<<20)}
	small := &kgo.Record{Value: make([]byte, 400<<10)}
	for _, c := range []struct {
		records []*kgo.Record
		want    int
	}{
		{[]*kgo.Record{large, large}, 1},
		{[]*kgo.Record{small, small, small, small}, 3},
		{[]*kgo.Record{small}, 1},
	} {
		if got := pieceOf(c.records); got != c.want {
			t.Errorf("%d records, want %d", got, c.want)
		}
	}
}
