package parallax_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	metricName      = regexp.MustCompile(`\bparallax_[a-z0-9_]+`)
	histogramSuffix = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// TestDashboardAndAlertsNameMetricsThatThereAre: docs/METRICS.md, which a test holds against
// /metrics, has each metric that they read. make packaging checks labels and expressions too.
func TestDashboardAndAlertsNameMetricsThatThereAre(t *testing.T) {
	page := read(t, "docs/METRICS.md")
	known := map[string]bool{}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "| `parallax_") {
			known[metricName.FindString(line)] = true
		}
	}
	for _, path := range []string{"packaging/grafana/parallax.json", "packaging/prometheus/alerts.yml"} {
		names := metricName.FindAllString(read(t, path), -1)
		if len(names) < 10 {
			t.Errorf("%s names %d metrics", path, len(names))
		}
		for _, name := range names {
			if !known[name] && !known[histogramSuffix.ReplaceAllString(name, "")] {
				t.Errorf("%s names %s, which docs/METRICS.md does not have", path, name)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
