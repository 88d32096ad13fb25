package page_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/server/access"
	"parallax/server/api"
	"parallax/server/jobs"
	"parallax/server/page"
	"parallax/server/service"
	"parallax/shadow/embedded"
	"parallax/shadow/evidence"
)

// world is a job server with a broker. V2 with four partitions splits keys; with two it does so
// from its record faultyFrom on.
type world struct {
	t       *testing.T
	broker  *embedded.Broker
	client  *kgo.Client
	address string
	fed     int
}

const faultyFrom = 90_001

func newWorld(t *testing.T) *world {
	t.Helper()
	broker, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Stop)
	for _, topic := range []string{"orders", "totals"} {
		if err := broker.CreateTopic(t.Context(), topic, 2, embedded.Retention{}); err != nil {
			t.Fatal(err)
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	always, err := faults.Parse("split-key")
	if err != nil {
		t.Fatal(err)
	}
	later, err := faults.Parse(fmt.Sprintf("split-key@%d", faultyFrom))
	if err != nil {
		t.Fatal(err)
	}
	build := func(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
		switch v2.Partitions {
		case 4:
			return always.New(v2, p, opt)
		case 2:
			return later.New(v2, p, opt)
		}
		return factory.New(v2, p, opt)
	}
	data := t.TempDir()
	s, err := service.New(service.Options{Data: data, BuildV2: build, Program: evidence.Program{Version: "dev", Commit: "unknown"}})
	if err != nil {
		t.Fatal(err)
	}
	host, err := jobs.New(jobs.Options{Data: data, Load: s.Load, Changed: s.Changed})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(host)
	srv, err := access.Listen(access.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.Options{Service: s, Page: page.New(page.Options{Service: s, Logins: srv.Guard()}), Refused: s.Refused})
	if err != nil {
		t.Fatal(err)
	}
	srv.Serve(h)
	ctx, stop := context.WithCancel(context.Background())
	watched, ran := make(chan struct{}), make(chan error, 1)
	go func() { defer close(watched); s.Watch(ctx) }()
	go func() { ran <- host.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-watched
		if err := <-ran; err != nil {
			t.Error(err)
		}
		_ = srv.Close(ctx) // ctx has ended: what is under way ends at once
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, broker: broker, client: client, address: srv.URL()}
}

// feed makes records of 500 customers.
func (w *world) feed(n int) {
	w.t.Helper()
	records := make([]*kgo.Record, n)
	for i := range records {
		customer := fmt.Sprintf("c%d", (w.fed+i)*7919%500)
		records[i] = &kgo.Record{Topic: "orders", Key: []byte(customer), Value: fmt.Appendf(nil, `{"customer":%q,"amount":%d}`, customer, i%97)}
	}
	w.fed += n
	if err := w.client.ProduceSync(w.t.Context(), records...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// file is a job file with a number of V2's partitions. Two settings depend on it, so that another
// number is another V2 and not the same one rescaled.
func (w *world) file(partitions int) string {
	return fmt.Sprintf(`job: totals
kafka: {brokers: [%q], group: totals}
sql: |
  CREATE STREAM orders (customer STRING, amount BIGINT) WITH (kafka_topic='orders', value_format='JSON');
  CREATE TABLE totals WITH (kafka_topic='totals') AS
    SELECT customer, COUNT(*) AS orders, SUM(amount) AS total FROM orders GROUP BY customer EMIT CHANGES;
processors: {v1: "v1", v2: "v2:%d"}
v2: {on_overload: block, queue: %d}
state: {enabled: true, interval: 1s}
diff: {require_level: E2}
gate: {min_records: 100, min_keys: 10, min_units: 10, min_partitions: 2, max_probability: 0.5, min_event_time: 0s}
migration: {plan: ["canary:50 1s", "promoted 1s"], min_rows: 1}
`, strings.Join(w.broker.Addrs(), ","), partitions, 64/partitions)
}

// deploy puts a job file into the form, and confirms what it changes.
func (b *tab) deploy(w *world, file, change string) {
	b.t.Helper()
	b.open(w.address + "/deploy")
	b.fill("file", file)
	b.follow("Check what it changes")
	b.shows(change)
	b.follow("Deploy totals")
	b.shows("totals is deployed.")
}

// TestAMigrationInTheBrowser goes the whole way: a V2 with a fault is deployed, its difference is
// found, explained and tried to be tolerated; V2 is mended and goes forward step by step, until
// the fault comes back and the job goes back by itself.
func TestAMigrationInTheBrowser(t *testing.T) {
	b := openTab(t)
	w := newWorld(t)
	w.feed(30_000)
	b.deploy(w, w.file(4), "A new job.")
	b.shows("V2 must not take over: it differs from V1.")
	b.follow("See what differs")
	b.follow("Value in totals")
	b.shows("Examples", "CUSTOMER")
	at := b.value("location.pathname")
	b.follow("Explain it")
	b.shows("who is wrong")
	b.open(w.address + at)
	b.follow("Propose a rule")
	b.fill("tolerance", "ignore")
	b.fill("reason", "to see what it would hide")
	b.fill("max_rate", "1")
	b.follow("See what it would hide")
	b.shows("stored samples", "The verdict would be")

	b.deploy(w, w.file(2), "a new run")
	w.feed(30_000)
	b.shows("V2 may take over.", "Next: canary:50")
	for _, next := range []string{"canary:50", "promoted"} {
		b.shows("Next: " + next + " ready")
		b.follow("Go forward to " + next)
		b.fill("reason", "the plan")
		b.follow("Go to " + next)
		b.shows("totals is in " + next + " now.")
		w.feed(20_000)
	}
	w.feed(30_000) // the fault is in these
	b.shows("promoted → shadow", "by itself")
}
