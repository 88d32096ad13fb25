package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"parallax/shadow/demo"
	"parallax/shadow/kafka"
)

// metricsList lists what /metrics of a run has. The checks of the dashboard and of the alert rules in hack/packaging read it.
const metricsList = "testdata/metrics.txt"

// valued are the labels whose values are a part of the list. The values of others depend on the job.
var valued = []string{"path", "bucket", "kind", "found", "state"}

// The list of metrics is that of a real run, and of a job server. With -update the test writes it.
func TestTheListOfMetricsIsThatOfARun(t *testing.T) {
	have := listMetrics(metricsOfARun(t) + metricsOfAServer(t))
	if *update {
		if err := os.WriteFile(metricsList, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(metricsList)
	if err != nil {
		t.Fatal(err)
	}
	if have != string(want) {
		t.Errorf("%s is not what a run has (go test ./cmd/parallax -run TheListOfMetrics -update); the run has\n%s", metricsList, have)
	}
}

// metricsOfARun returns the page /metrics of a run that has processed records.
func metricsOfARun(t *testing.T) (page string) {
	t.Helper()
	out := &said{}
	e := &env{ctx: t.Context(), out: io.Discard, errs: out, log: slog.New(slog.DiscardHandler)}
	d, err := demo.New(demo.Options{
		Scenario: "3b", Partitions: 2, Strategy: "auto", Listen: "127.0.0.1:0", Seed: 1, Log: e.log, Observer: &watcher{e: e},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Job.Task.UntilEnd = false
	d.Job.Feed = func(ctx context.Context, _ *kafka.Task) (err error) {
		// V2's own metrics are there once it has started.
		for n := 0; !strings.Contains(page, "parallax_v2_info{"); n++ {
			if n == 1000 {
				return errors.New("V2 does not start")
			}
			if err := d.Produce(ctx, 100, func(int64) {}); err != nil {
				return err
			}
			if page, err = get(ctx, out.address()+"/metrics"); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := d.Job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return page
}

// metricsOfAServer returns the metrics of a job server's own that its page /metrics has.
func metricsOfAServer(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	text := "job: trades\nkafka: {brokers: ['127.0.0.1:1'], group: trades}\n" +
		"sql: |\n  CREATE STREAM trades (symbol STRING) WITH (kafka_topic='trades');\n" +
		"  CREATE TABLE counts WITH (kafka_topic='counts') AS SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES;\n"
	if err := os.WriteFile(filepath.Join(folder, "trades.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := newSaid("listening on")
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--jobs", folder, "--data", t.TempDir(), "--listen", "127.0.0.1:0"}, strings.NewReader(""), io.Discard, out)
	}()
	select {
	case <-out.has:
	case code := <-ended:
		t.Fatalf("serve ended with %d: %s", code, out.all())
	}
	page, err := get(ctx, out.address()+"/metrics")
	for err == nil && !strings.Contains(page, "parallax_job_state{") {
		page, err = get(ctx, out.address()+"/metrics")
	}
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ended
	var own strings.Builder
	isOwn := false
	for line := range strings.Lines(page) {
		if name, ok := strings.CutPrefix(line, "# HELP "); ok {
			isOwn = strings.HasPrefix(name, "parallax_job_")
		}
		if isOwn {
			own.WriteString(line)
		}
	}
	return own.String()
}

// awaited is what a program writes, and a channel that is closed once it has written a text.
type awaited struct {
	said
	text string
	once sync.Once
	has  chan struct{}
}

func newSaid(text string) *awaited { return &awaited{text: text, has: make(chan struct{})} }

func (a *awaited) all() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said.text.String()
}

func (a *awaited) Write(b []byte) (int, error) {
	n, err := a.said.Write(b)
	if strings.Contains(a.all(), a.text) {
		a.once.Do(func() { close(a.has) })
	}
	return n, err
}

var (
	metricType   = regexp.MustCompile(`^# TYPE (\S+) (\S+)$`)
	metricSample = regexp.MustCompile(`^([a-z0-9_]+)(?:\{(.*)\})? \S+$`)
	metricLabel  = regexp.MustCompile(`([a-z0-9_]+)="((?:[^"\\]|\\.)*)"`)
)

// listMetrics writes a line for each metric of a page: its name, its type, and its labels.
func listMetrics(page string) string {
	lines := map[string]map[string]map[string]bool{} // name and type, label, values
	current, kind := "", ""
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if m := metricType.FindStringSubmatch(line); m != nil {
			current, kind = m[1], m[2]
			lines[current+" "+kind] = map[string]map[string]bool{}
			continue
		}
		m := metricSample.FindStringSubmatch(line)
		if m == nil || !strings.HasPrefix(m[1], current) {
			continue
		}
		for _, l := range metricLabel.FindAllStringSubmatch(m[2], -1) {
			labels := lines[current+" "+kind]
			if labels[l[1]] == nil {
				labels[l[1]] = map[string]bool{}
			}
			labels[l[1]][l[2]] = true
		}
	}
	var b strings.Builder
	for _, metric := range slices.Sorted(maps.Keys(lines)) {
		b.WriteString(metric)
		for _, label := range slices.Sorted(maps.Keys(lines[metric])) {
			b.WriteString(" " + label)
			if slices.Contains(valued, label) {
				fmt.Fprintf(&b, "=%s", strings.Join(slices.Sorted(maps.Keys(lines[metric][label])), "|"))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
