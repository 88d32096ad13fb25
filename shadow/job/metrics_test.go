package job

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"parallax/shadow/metrics"
)

func TestAJobsMetricsAreDescribed(t *testing.T) {
	m := metrics.New()
	watchJob(m, &Job{})
	var page bytes.Buffer
	m.Write(&page)
	docs := MetricDocs()
	for _, doc := range docs[len(metrics.Docs()) : len(docs)-len(verdictDocs)] {
		want := fmt.Sprintf("# HELP %s %s\n# TYPE %s %s\n%s 0\n", doc.Name, doc.Help, doc.Name, doc.Kind, doc.Name)
		if !strings.Contains(page.String(), want) {
			t.Errorf("no\n%sin\n%s", want, page.String())
		}
	}
}
