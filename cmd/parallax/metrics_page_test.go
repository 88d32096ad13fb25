package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

const (
	operatingPage = "../../docs/OPERATING.md"
	metricsBegin  = "<!-- generated from the metrics: go test ./cmd/parallax -run MetricsPage -update -->\n"
)

// metricsTable writes the metrics as Markdown.
func metricsTable() string {
	var b strings.Builder
	b.WriteString("\n| metric | type | what |\n|---|---|---|\n")
	for _, d := range metricDocs() {
		name := d.Name
		if len(d.Labels) > 0 {
			name += "{" + strings.Join(d.Labels, ",") + "}"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, d.Kind, pipes(d.Help))
	}
	return b.String() + "\n"
}

// The page lists the metrics that there are, and names no other.
func TestMetricsPageListsTheMetricsThatThereAre(t *testing.T) {
	generated(t, operatingPage, metricsBegin, metricsTable())
	known := map[string]bool{}
	for _, d := range metricDocs() {
		known[d.Name] = true
	}
	text, err := os.ReadFile(operatingPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`parallax_[a-z0-9_]+`).FindAllString(string(text), -1) {
		if !known[name] {
			t.Errorf("%s names %s, which is no metric", operatingPage, name)
		}
	}
}

func TestATasksMetricsAreDescribed(t *testing.T) {
	m := metrics.New()
	watchTask(m, &kafka.Task{})
	var page bytes.Buffer
	m.Write(&page)
	for _, metric := range taskMetrics {
		want := fmt.Sprintf("# HELP %s %s\n# TYPE %s %s\n%s 0\n", metric.doc.Name, metric.doc.Help, metric.doc.Name, metric.doc.Kind, metric.doc.Name)
		if !strings.Contains(page.String(), want) {
			t.Errorf("no\n%sin\n%s", want, page.String())
		}
	}
}
