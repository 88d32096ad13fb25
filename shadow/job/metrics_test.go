package job

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

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
