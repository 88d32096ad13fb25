package page_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/embedded"
)

var pictures = flag.String("pictures", "", "make the pictures of the page of docs/images, from jobs that run, in this folder")

// TestPictures makes the pictures of the docs: go test ./server/page -run Pictures -pictures ../../docs/images
//
// The jobs are real ones, on an embedded broker: orders goes well and is in a canary, the V2 of
// trades-by-desk splits keys, settlements is paused, and positions has no input topic.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("pictures are made with -pictures FOLDER")
	}
	w := newWorld(t)
	for _, topic := range []string{"trades", "order-totals", "desk-totals", "settled"} {
		if err := w.broker.CreateTopic(t.Context(), topic, 4, embedded.Retention{}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	fed := make(chan struct{})
	go func() { defer close(fed); w.trade(ctx) }()
	defer func() { stop(); <-fed }()
	w.put("orders", `CREATE TABLE order_totals WITH (kafka_topic='order-totals') AS
    SELECT trader, COUNT(*) AS orders, SUM(quantity) AS volume FROM trades GROUP BY trader EMIT CHANGES;`, "v2:3", `
migration: {plan: ["canary:5 1s", "canary:25 10m", "promoted 1h", "done"], min_rows: 100}`)
	w.put("trades-by-desk", `CREATE TABLE desk_totals WITH (kafka_topic='desk-totals') AS
    SELECT desk, symbol, COUNT(*) AS trades, SUM(quantity) AS volume, MAX(price) AS highest FROM trades
    WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY desk, symbol EMIT CHANGES;`, "v2:4", `
migration: {plan: ["canary:5 10m", "canary:25 1h", "promoted 24h", "done"]}`)
	w.put("settlements", `CREATE STREAM settled WITH (kafka_topic='settled') AS
    SELECT trader, symbol, price * quantity AS amount FROM trades WHERE quantity > 10 PARTITION BY trader;`, "v2:2", "")
	w.put("positions", `CREATE STREAM p (symbol STRING KEY, held BIGINT) WITH (kafka_topic='positions', value_format='JSON');
  CREATE TABLE held WITH (kafka_topic='positions-held') AS SELECT symbol, SUM(held) AS held FROM p GROUP BY symbol EMIT CHANGES;`, "v2:2", "")

	b := openTab(t)
	b.open(w.address + "/jobs/orders")
	for _, to := range []string{"canary:5", "canary:25"} {
		b.shows("Next: " + to + " ready")
		w.post("orders/stage", `{"to": "next", "reason": "the night's report passed"}`)
		b.shows("Now: " + to)
	}
	b.open(w.address + "/jobs/settlements")
	b.until(`/Compared\s+\d/.test(document.getElementById("ledger").innerText) && document.querySelectorAll(".charts figure").length > 2`)
	w.post("settlements/pause", "")
	b.open(w.address + "/jobs/orders")
	b.until(`document.querySelectorAll("#tiles .tile").length > 7 && document.querySelectorAll("#speed polyline").length > 1 && document.querySelector("#speed polyline").points.length > 8`)

	b.picture("page-jobs", "light", 1280, 700, w.address+"/")
	b.picture("page-jobs-dark", "dark", 1280, 700, w.address+"/")
	b.picture("page", "light", 1280, 1385, w.address+"/jobs/orders")
	b.picture("page-dark", "dark", 1280, 1385, w.address+"/jobs/orders")
	b.picture("page-phone", "light", 390, 1800, w.address+"/jobs/orders")
	b.picture("page-print", "print", 794, 1123, w.address+"/jobs/orders")
	b.scheme("light")
	b.do(chromedp.EmulateViewport(1280, 900))
	b.open(w.address + "/jobs/trades-by-desk/differences")
	b.follow("Value in desk-totals")
	b.shows("Examples")
	b.picture("page-difference", "light", 1280, 1000, b.value("location.href"))
	b.follow("This key over time")
	b.shows("Over time")
	b.picture("page-key", "light", 1280, 1250, b.value("location.href"))
	b.open(w.address + "/jobs/trades-by-desk/differences")
	b.follow("Value in desk-totals")
	b.shows("Examples")
	b.follow("Explain it")
	b.shows("who is wrong")
	b.picture("page-explanation", "dark", 1280, 1300, b.value("location.href"))
}

// trade produces trades until ctx ends.
func (w *world) trade(ctx context.Context) {
	desks := []string{"London", "New York", "Singapore", "Zurich", "Seoul"}
	symbols := []string{"ACME", "CB", "KLAC", "NVDA", "PNC", "SHW", "ZETA"}
	for n := 0; ctx.Err() == nil; {
		records := make([]*kgo.Record, 500)
		for i := range records {
			n++
			desk, symbol := desks[n*7%len(desks)], symbols[n*13%len(symbols)]
			at := time.Now().UnixMilli()
			value := fmt.Appendf(nil, `{"trader":"t%03d","desk":%q,"symbol":%q,"quantity":%d,"price":%.2f}`, n*7919%400, desk, symbol, 1+n*31%90, 90+float64(n*17%2000)/100)
			records[i] = &kgo.Record{Topic: "trades", Key: fmt.Appendf(nil, "%d", n), Value: value, Timestamp: time.UnixMilli(at)}
		}
		if err := w.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// put deploys a job with a query of trades.
func (w *world) put(name, query, v2, more string) {
	w.t.Helper()
	if !strings.Contains(query, "CREATE STREAM p ") {
		query = `CREATE STREAM trades (trader STRING, desk STRING, symbol STRING, quantity BIGINT, price DOUBLE) WITH (kafka_topic='trades', value_format='JSON');
  ` + query
	}
	w.send(http.MethodPut, name, "application/yaml", fmt.Sprintf(`job: %s
kafka: {brokers: [%q], group: %[1]s}
sql: |
  %[3]s
processors: {v1: "v1", v2: %[4]q}
v2: {on_overload: block}
state: {enabled: true, interval: 2s}
diff: {require_level: E2}
gate: {min_records: 2000, min_keys: 100, min_units: 300, min_partitions: 2, max_probability: 0.05, min_event_time: 0s}%[5]s
`, name, strings.Join(w.broker.Addrs(), ","), query, v2, more))
}

func (w *world) post(path, body string) {
	w.t.Helper()
	w.send(http.MethodPost, path, "application/json", body)
}

// send changes something of a job by the API.
func (w *world) send(method, path, kind, body string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.address+"/v1/jobs/"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %d: %s", method, path, answer.StatusCode, text)
	}
}

// picture writes a picture of a page from its top, most pixels high at the most.
func (b *tab) picture(name, scheme string, width, most int64, address string) {
	b.t.Helper()
	b.scheme(scheme)
	if scheme == "print" {
		p := emulation.SetEmulatedMediaParams{Media: "print"}
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, p); err != nil {
			b.t.Fatal(err)
		}
	}
	b.do(chromedp.EmulateViewport(width, 400))
	b.open(address)
	b.until(`document.readyState === "complete" && document.getElementById("connection").dataset.state === "live"`)
	height, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, min(height, most)))
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
