package metrics_test

import (
	"bytes"
	"testing"

	"parallax/shadow/metrics"
)

func TestThePagesOfJobsAreMergedByMetric(t *testing.T) {
	var m metrics.Merged
	m.Add("a", []byte("# HELP n Number.\n# TYPE n counter\nn{path=\"v1\"} 1\nn{path=\"v2\"} 2\n# HELP s Time.\n# TYPE s histogram\ns_bucket{le=\"1\"} 3\ns_sum 4\ns_count 5\nplain 6\n"))
	m.Add(`b"`, []byte("# HELP n Number.\n# TYPE n counter\nn{path=\"v1\"} 7\nplain 8\nverdict{job=\"c\"} 9\n"))
	var page bytes.Buffer
	m.Write(&page)
	const want = `# HELP n Number.
# TYPE n counter
n{job="a",path="v1"} 1
n{job="a",path="v2"} 2
n{job="b\"",path="v1"} 7
# HELP s Time.
# TYPE s histogram
s_bucket{job="a",le="1"} 3
s_sum{job="a"} 4
s_count{job="a"} 5
plain{job="a"} 6
plain{job="b\""} 8
verdict{job="c"} 9
`
	if page.String() != want {
		t.Errorf("%s\nwant\n%s", page.String(), want)
	}
}
