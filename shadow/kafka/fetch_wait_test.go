package kafka_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka"
)

// TestARestartDoesNotWaitForATopicPartitionThatIsSilent has one topic-partition that never had a record,
// so that the client may fetch from it before it has verified where to begin in the other one. A broker
// answers that fetch when its time is up, and the client has one request at a time to each broker. The times are the bubble's.
func TestARestartDoesNotWaitForATopicPartitionThatIsSilent(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 0, 2)
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer c.Close()
		produce := func(n int) {
			for i := range n {
				if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "trades", Value: fmt.Appendf(nil, `{"symbol":"S","quantity":%d,"ts":%d}`, i, i)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
		}
		pl := p.compile(t, copies)
		produce(10)
		p.whole(t, "g", pl, kafka.Options{UntilEnd: true})
		produce(10)
		began := time.Now()
		task, err := p.open(t, "g", pl, kafka.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := task.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("the first batch, of %d records, came %v after the restart, want at most 1.5 s", b.Len(), took)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
