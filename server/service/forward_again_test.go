package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
	"parallax/shadow/embedded"
	"parallax/shadow/stage"
)

const lateScript = `CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='a', value_format='JSON');
  CREATE TABLE o WITH (kafka_topic='a-out') AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT CHANGES;
`

// failsOnce builds V2s one of which fails in the batch after isDue is set.
type failsOnce struct{ isDue atomic.Bool }

func (f *failsOnce) build(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	inner, err := factory.New(v2, p, opt)
	if err != nil {
		return nil, err
	}
	return &interrupted{Processor: inner, Snapshotter: inner.(processors.Snapshotter), of: f}, nil
}

type interrupted struct {
	processors.Processor
	processors.Snapshotter
	of *failsOnce
}

func (i *interrupted) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if i.of.isDue.CompareAndSwap(true, false) {
		return nil, errors.New("V2 is broken")
	}
	return i.Processor.Process(ctx, b)
}

// fillLate produces records, a second apart. Every fortieth is late. It returns how many are not.
func (b *broker) fillLate(from, to int) (onTime int) {
	b.t.Helper()
	const begin = 1_700_000_000_000
	var list []*kgo.Record
	for i := from; i < to; i++ {
		at := begin + int64(i)*1000
		if i%40 == 39 {
			at -= 60_000
		} else {
			onTime++
		}
		list = append(list, &kgo.Record{Topic: "a", Key: fmt.Appendf(nil, "k%d", i%37), Value: fmt.Appendf(nil, `{"x":%d}`, i), Timestamp: time.UnixMilli(at)})
	}
	if err := b.client.ProduceSync(b.t.Context(), list...).FirstErr(); err != nil {
		b.t.Fatal(err)
	}
	return onTime
}

// V2 is detached in promoted, under late: dlq: V1's rows and dead letters go out once each. After the
// cooldown the gate judges what was compared since, and the job goes forward again, without force.
func TestAJobGoesForwardAgainAfterItsV2WasDetached(t *testing.T) {
	b := newBroker(t)
	if err := b.fake.CreateTopic(t.Context(), "a", 1, embedded.Retention{}); err != nil {
		t.Fatal(err)
	}
	once := &failsOnce{}
	s := newSite(t, service.Options{BuildV2: once.build}, jobs.Options{})
	file := strings.Replace(b.jobFile("a"), strings.ReplaceAll(script, "TOPIC", "a"), lateScript, 1)
	file = strings.Replace(file, "on_overload: block", "on_overload: block, reseed_after: 20ms", 1)
	s.put("a", file+`late: dlq
state: {interval: 100ms}
migration: {stage: promoted, plan: [promoted], min_rows: 0, rollback: {cooldown: 3s}}
`)
	onTime := b.fillLate(0, 200)
	s.until("all is compared", func() bool { j := s.job("a"); return j.Records == 200 && j.Stage.Kind == stage.Promoted })

	once.isDue.Store(true)
	onTime += b.fillLate(200, 400)
	var back resource.StageChange
	s.until("it is back in shadow", func() bool {
		list := must[[]resource.StageChange](t)(s.StageHistory(t.Context(), "a"))
		if len(list) > 0 {
			back = list[0]
		}
		return back.Cause == stage.Detached && back.To.Kind == stage.Shadow
	})
	produced := 400
	again := func() error {
		_, err := s.SetStage(t.Context(), ann, "a", resource.StageRequest{To: "next"})
		return err
	}
	if err := again(); err == nil {
		t.Error("it goes forward before the cooldown is over, with nothing compared since")
	}
	s.until("the gate lets it go forward again", func() bool {
		onTime += b.fillLate(produced, produced+20)
		produced += 20
		return again() == nil
	})
	c := must[[]resource.StageChange](t)(s.StageHistory(t.Context(), "a"))[0]
	if c.IsForced || c.Verdict == "" || c.To.Kind != stage.Promoted || c.At.Before(back.At.Add(3*time.Second)) {
		t.Errorf("it went back by %+v, and forward by %+v", back, c)
	}
	v := must[resource.Details](t)(s.Details(t.Context(), "a"))
	if len(v.Holes) == 0 {
		t.Error("no hole is shown")
	}
	s.until("the last records are processed", func() bool { return s.job("a").Records == int64(produced) })
	b.has(t, "a-out", onTime)
	b.has(t, "a.dlq", produced-onTime)
}

// has checks that a topic has so many committed records, after it waited for as many.
func (b *broker) has(t *testing.T, topic string, n int) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.addr), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	seen := 0
	for seen < n && ctx.Err() == nil {
		seen += client.PollFetches(ctx).NumRecords()
	}
	if seen != n {
		t.Errorf("%s has %d records, want %d", topic, seen, n)
	}
}
