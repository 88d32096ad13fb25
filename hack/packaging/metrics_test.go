package packaging

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// aMetric is what a metric of a run is: its type, its labels, and those of their values that do not depend on the job.
type aMetric struct {
	kind   string
	labels map[string][]string
}

// ofTheScrape are labels that each metric has: of the target, and of the job server.
var ofTheScrape = []string{"job", "instance"}

// metricsOfARun reads the list that a test of cmd/parallax holds against /metrics of a real run.
func metricsOfARun(t *testing.T) map[string]aMetric {
	t.Helper()
	text, err := os.ReadFile("../../cmd/parallax/testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]aMetric{"up": {kind: "gauge"}} // Prometheus' own
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		m := aMetric{fields[1], map[string][]string{}}
		for _, label := range fields[2:] {
			name, values, _ := strings.Cut(label, "=")
			m.labels[name] = nil
			if values != "" {
				m.labels[name] = strings.Split(values, "|")
			}
		}
		known[fields[0]] = m
		if m.kind == "histogram" {
			known[fields[0]+"_bucket"] = aMetric{"counter", m.labels}
		}
	}
	return known
}

// checkQuery says what is wrong with a query: metrics and labels that a run does not have, values that a label never
// has, and counters of which the value itself is used as if it could fall.
func checkQuery(known map[string]aMetric, query string) (names, wrong []string) {
	expr, err := promql.ParseExpr(query)
	if err != nil {
		return nil, []string{err.Error()}
	}
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			names = append(names, n.Name)
			wrong = append(wrong, checkSelector(known, n)...)
		case *parser.Call:
			wrong = append(wrong, checkCall(known, n)...)
		}
		return nil
	})
	return names, wrong
}

func checkSelector(known map[string]aMetric, s *parser.VectorSelector) (wrong []string) {
	m, ok := known[s.Name]
	if !ok {
		return []string{"no metric " + s.Name}
	}
	for _, matcher := range s.LabelMatchers {
		if matcher.Name == labels.MetricName || slices.Contains(ofTheScrape, matcher.Name) {
			continue
		}
		values, ok := m.labels[matcher.Name]
		switch {
		case !ok:
			wrong = append(wrong, s.Name+" has no label "+matcher.Name)
		case values != nil && !slices.ContainsFunc(values, matcher.Matches):
			wrong = append(wrong, s.Name+" has no value that "+matcher.String()+" matches")
		}
	}
	return wrong
}

// checkCall holds functions against the types: rate and increase are for counters, deriv is for gauges.
func checkCall(known map[string]aMetric, c *parser.Call) (wrong []string) {
	want := map[string]string{"rate": "counter", "increase": "counter", "irate": "counter", "deriv": "gauge", "delta": "gauge"}[c.Func.Name]
	if want == "" {
		return nil
	}
	matrix, ok := c.Args[0].(*parser.MatrixSelector)
	if !ok {
		return []string{c.Func.Name + " of something that is no metric"}
	}
	name := matrix.VectorSelector.(*parser.VectorSelector).Name
	if m, ok := known[name]; ok && m.kind != want {
		wrong = append(wrong, c.Func.Name+" of "+name+", which is a "+m.kind)
	}
	return wrong
}

func TestAlertsUseMetricsThatThereAre(t *testing.T) {
	known := metricsOfARun(t)
	for _, r := range alertRules(t) {
		names, wrong := checkQuery(known, r.Expr)
		if len(names) == 0 {
			t.Errorf("%s uses no metric", r.Alert)
		}
		for _, w := range wrong {
			t.Errorf("%s: %s", r.Alert, w)
		}
	}
}

// The check sees what is wrong with a query.
func TestTheCheckOfQueriesSees(t *testing.T) {
	known := metricsOfARun(t)
	for query, want := range map[string]string{
		`parallax_lag`:                                             "no metric parallax_lag",
		`parallax_divergences{kind="roots"}`:                       `parallax_divergences has no value that kind="roots" matches`,
		`parallax_lag_records{path="v1"}`:                          "parallax_lag_records has no label path",
		`rate(parallax_lag_records[5m])`:                           "rate of parallax_lag_records, which is a gauge",
		`deriv(parallax_records_total{path="v1"}[5m]) > 0`:         "deriv of parallax_records_total, which is a counter",
		`parallax_lag_records >`:                                   "1:23: parse error: unexpected end of input",
		`parallax_divergences{kind="root", job="x"} > 0`:           "",
		`rate(parallax_batch_seconds_bucket{path=~"v3|v4"}[5m])`:   `parallax_batch_seconds_bucket has no value that path=~"v3|v4" matches`,
		`rate(parallax_batch_seconds_bucket{path=~".*"}[5m])`:      "",
		`parallax_v2_info{processor="anything"} and on (job) up`:   "",
		`increase(parallax_mutations_total{found="missed"}[1h])>0`: "",
	} {
		if _, wrong := checkQuery(known, query); strings.Join(wrong, "; ") != want {
			t.Errorf("%s: %q, want %q", query, wrong, want)
		}
	}
}
