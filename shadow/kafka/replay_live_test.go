package kafka_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

func TestALiveJobOfOneTopicPartitionIsReplayedAsItWas(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 0, 1)
		pl := p.compile(t, totals)
		c := p.newClient(t)
		defer c.Close()
		produce := func(ts int) {
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "trades", Value: fmt.Appendf(nil, `{"symbol":"S","quantity":1,"ts":%d}`, ts)}).FirstErr(); err != nil {
				t.Error(err)
			}
		}
		var from *checkpoint
		for _, ts := range []int{100, 80_000, 200, 160_000, 300, 90_000} {
			in, err := p.begin(t, p.config("g"), pl, kafka.Options{}, from)
			if err != nil {
				t.Fatal(err)
			}
			if from == nil {
				from = in.checkpoint(t) // the only one
			}
			go func() {
				time.Sleep(time.Minute) // of the bubble: what was there has come, and the topic-partition is idle
				produce(ts)
			}()
			for last := false; !last; {
				in.steps(t, 1)
				_, _, isGoingOn := in.Replaying()
				last = !isGoingOn
			}
			in.commit(t)
			in.stop(t)
		}
		// Windows of a minute with a grace of 10 seconds: the others of the six records are late.
		if got := p.read(t, "totals"); len(got) != 3 || !strings.HasSuffix(got[0], " 100") || !strings.HasSuffix(got[1], " 80000") || !strings.HasSuffix(got[2], " 160000") {
			t.Errorf("%q, want three rows", got)
		}
		for _, at := range p.committed(t, "g") {
			if at != 6 {
				t.Errorf("offset %d is committed, want 6", at)
			}
		}
	})
}

// TestATopicPartitionDoesNotFallIdleInAReplay lets the records of a replay take longer to come than a topic-partition may be idle.
func TestATopicPartitionDoesNotFallIdleInAReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 0, 2)
		pl := p.compile(t, totals)
		c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer c.Close()
		produce := func(partition int32, ts int) {
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: "trades", Partition: partition, Value: fmt.Appendf(nil, `{"symbol":"S","quantity":1,"ts":%d}`, ts)}).FirstErr(); err != nil {
				t.Error(err)
			}
		}
		in, err := p.begin(t, p.config("g"), pl, kafka.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		produce(0, 100)
		in.steps(t, 1)
		produce(1, 200)
		in.steps(t, 1)
		in.commit(t)
		from := in.checkpoint(t)
		produce(0, 300)
		in.steps(t, 1)
		in.commit(t)
		in.stop(t)
		delayed := false
		p.fake.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			if !delayed {
				delayed = true
				p.fake.SleepControl(func() { time.Sleep(8 * time.Second) }) // of the bubble; the configured idle time is 5 s
			}
			return nil, nil, false
		})
		if in, err = p.begin(t, p.config("g"), pl, kafka.Options{}, from); err != nil {
			t.Fatal(err)
		}
		in.steps(t, 1) // the replay
		go produce(0, 400)
		in.steps(t, 1)
		if _, _, isGoingOn := in.Replaying(); isGoingOn || !delayed || in.took[0].Watermark != 200 {
			t.Errorf("the replay is going on: %v, delayed: %v, watermark %d, want 200", isGoingOn, delayed, in.took[0].Watermark)
		}
		in.stop(t)
	})
}
