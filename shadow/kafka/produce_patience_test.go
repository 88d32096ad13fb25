package kafka_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// refuseRows lets the brokers refuse each produce request with an error after which the client tries again without end.
func (p *place) refuseRows(until func() bool) {
	p.fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		p.fake.KeepControl()
		if until() {
			return nil, nil, false
		}
		req := r.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range req.Topics {
			t := kmsg.NewProduceResponseTopic()
			t.Topic, t.TopicID = topic.Topic, topic.TopicID
			for _, partition := range topic.Partitions {
				one := kmsg.NewProduceResponseTopicPartition()
				one.Partition, one.ErrorCode = partition.Partition, kerr.NotEnoughReplicas.Code
				t.Partitions = append(t.Partitions, one)
			}
			resp.Topics = append(resp.Topics, t)
		}
		return resp, nil, true
	})
}

// TestV1SaysThatItWaitsForBrokersThatDoNotTakeItsRows, whether the client has room for the rows, so that the commit waits, or has not,
// so that Emit does. It ends after kafka.patience, or continues once they do. Times are the bubble's.
func TestV1SaysThatItWaitsForBrokersThatDoNotTakeItsRows(t *testing.T) {
	for name, room := range map[string]int{"the commit waits": 1 << 18, "Emit waits": 10} {
		for _, isBack := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " in vain", true: ""}[isBack], func(t *testing.T) {
				inBubble(t, func(t *testing.T, p *place) {
					p.fill(t, 100, 1)
					pl := p.compile(t, copies)
					var log bytes.Buffer
					cfg := p.config("g")
					cfg.Patience = 90 * time.Second
					opt := kafka.Options{Job: "job", UntilEnd: true, Client: append([]kgo.Opt{kgo.MaxBufferedRecords(room)}, p.client...), Log: slog.New(slog.NewTextHandler(&log, nil))}
					task, err := kafka.Open(t.Context(), cfg, pl, opt)
					if err != nil {
						t.Fatal(err)
					}
					began := time.Now()
					p.refuseRows(func() bool { return isBack && time.Since(began) > 70*time.Second })
					_, err = work(t.Context(), t, task, pl, 0)
					took := time.Since(began)
					said := "V1 waits for the brokers, which do not acknowledge its rows"
					if n := strings.Count(log.String(), said); n < 2 {
						t.Errorf("it was said %d times in %v that %s:\n%s", n, took, said, log.String())
					}
					switch {
					case isBack && (err != nil || len(p.read(t, "copies")) != 98):
						t.Errorf("after the brokers took rows again: %v, %d rows, want 98", err, len(p.read(t, "copies")))
					case isBack && !strings.Contains(log.String(), "the brokers acknowledge rows again"):
						t.Errorf("the end of the wait was not logged:\n%s", log.String())
					case !isBack && (err == nil || !strings.Contains(err.Error(), "acknowledged no rows for 1m30s") || kafka.MayPass(err) || took > cfg.Patience+time.Minute):
						t.Errorf("after %v: %v, want that kafka.patience is spent", took, err)
					}
					if err := task.Close(t.Context()); err != nil && isBack {
						t.Error(err)
					}
				})
			})
		}
	}
}
