package kafka_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka"
)

// Dead letters have the timestamps of their records, and a broker deletes by timestamp: a
// topic that the job creates keeps them, and one that was there before and does not is
// warned of, once.
func TestDeadLettersOfOldRecordsAreKept(t *testing.T) {
	const day = "86400000"
	for name, c := range map[string]struct {
		existing map[string]*string
		warned   int
	}{
		"created":           {nil, 0},
		"keeps for ever":    {map[string]*string{"retention.ms": kadm.StringPtr("-1")}, 0},
		"keeps for a day":   {map[string]*string{"retention.ms": kadm.StringPtr(day)}, 1},
		"by time of append": {map[string]*string{"retention.ms": kadm.StringPtr(day), "message.timestamp.type": kadm.StringPtr("LogAppendTime")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, p *place) {
				p.create(t, "trades", 1_048_588)
				client := p.newClient(t)
				defer client.Close()
				admin, letters := kadm.NewClient(client), p.prefix+"trades.dlq"
				if c.existing != nil {
					if _, err := admin.CreateTopic(t.Context(), 1, -1, c.existing, letters); err != nil {
						t.Fatal(err)
					}
				}
				old := time.UnixMilli(1_000_000)
				p.produce(t, &kgo.Record{Value: []byte("no JSON"), Timestamp: old}, &kgo.Record{Value: []byte("no JSON"), Timestamp: old})
				var log bytes.Buffer
				p.whole(t, "g", p.compile(t, copies), kafka.Options{UntilEnd: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
				if n := strings.Count(log.String(), "older than the dead-letter topic's retention"); n != c.warned {
					t.Errorf("%d warnings, want %d:\n%s", n, c.warned, log.String())
				}
				if c.existing != nil {
					return
				}
				described, err := admin.DescribeTopicConfigs(t.Context(), letters)
				if err != nil {
					t.Fatal(err)
				}
				on, err := described.On(letters, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, entry := range on.Configs {
					if entry.Key == "retention.ms" && entry.MaybeValue() == "-1" {
						return
					}
				}
				t.Errorf("the topic was created with %+v, want retention.ms=-1", on.Configs)
			})
		})
	}
}
