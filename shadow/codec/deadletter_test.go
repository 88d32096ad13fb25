package codec

import (
	"fmt"
	"strings"
	"testing"

	"parallax/processors/row"
)

func TestADeadLetterThatIsReadAgainHasEachOfOurHeadersOnce(t *testing.T) {
	rec := &row.Record{TopicPartition: row.TopicPartition{Topic: "t.dlq", Partition: 1}, Offset: 7}
	rec.Headers = []row.Header{{Key: "h", Value: []byte("v")}, {Key: "parallax.topic", Value: []byte("t")}, {Key: "original.parallax.topic", Value: []byte("first")}}
	var got []string
	for _, h := range append(OriginalHeaders(rec.Headers), DeadHeaders(rec, "why")...) {
		got = append(got, fmt.Sprintf("%s=%s", h.Key, h.Value))
	}
	want := "h=v original.parallax.topic=t original.parallax.topic=first parallax.topic=t.dlq parallax.partition=1 parallax.offset=7 parallax.error=why"
	if text := strings.Join(got, " "); text != want {
		t.Errorf("\n%s\nwant\n%s", text, want)
	}
	if rec.Headers[1].Key != "parallax.topic" {
		t.Error("the record's own headers were written to")
	}
}

func TestAReasonIsBounded(t *testing.T) {
	h := DeadHeaders(nil, strings.Repeat("x", 1_000_000))
	if len(h) != 1 || len(h[0].Value) > longestReason+3 {
		t.Errorf("%d headers, a reason of %d bytes", len(h), len(h[0].Value))
	}
}
