package metrics

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Kind is a metric's type in Prometheus' text format.
type Kind string

// The kinds of metric.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Doc describes a metric, for its HELP and TYPE lines and for the documentation.
type Doc struct {
	Name   string
	Kind   Kind
	Labels []string
	Help   string // a sentence
}

// Docs describes the metrics that a runner has.
func Docs() []Doc { return slices.Clone(runnerMetrics) }

var runnerMetrics = []Doc{
	{"parallax_records_total", Counter, []string{"path"}, "Input records that the path (v1 or v2) has processed."},
	{"parallax_output_rows_total", Counter, []string{"path"}, "Rows that the path has made."},
	{"parallax_expression_errors_total", Counter, []string{"path"}, "Expressions that failed in the path and became NULL or not true."},
	{"parallax_batch_seconds", Histogram, []string{"path"}, "Time from a decoded batch to its rows, by path."},
	{"parallax_ledger_records", Gauge, []string{"bucket"}, "Input records by what became of them; each record is in one bucket."},
	{"parallax_divergences", Gauge, []string{"kind"}, "Divergences at the required level: root, or cascade, which follows from an earlier one."},
	{"parallax_second_opinions_total", Counter, []string{"found"}, "Batches of which both sides were encoded and compared byte by byte, by what the comparison had found before: equal or differing."},
	{"parallax_throttle_seconds_total", Counter, nil, "Time for which the source was held up because V2 was behind."},
	{"parallax_v1_cpu", Gauge, nil, "CPU that V1 has for itself (v1.own_core), -1 for none."},
	{"parallax_v2_info", Gauge, []string{"processor", "strategy"}, "Always 1; the labels say what V2 is now and how it routes."},
	{"parallax_v2_detached", Gauge, nil, "1 while there is no V2, else 0."},
	{"parallax_v2_abandoned", Gauge, nil, "Detached V2s of which something still runs v2.deadline after that; at v2.max_abandoned no other V2 comes back."},
	{"parallax_v2_reseeds_total", Counter, nil, "How often V2 came back with a copy of V1's state."},
	{"parallax_v2_reseed_failures_total", Counter, nil, "How often an attempt to bring V2 back failed."},
	{"parallax_v2_rescales_total", Counter, nil, "How often a V2 with another number of partitions took V2's place."},
	{"parallax_v2_queue_batches", Gauge, nil, "Batches that V2 has been given and has not finished."},
	{"parallax_v2_pressure", Gauge, nil, "Pressure on V2: 0 is none, from 0.70 on it is a warning, from 0.95 on V2 is saturated."},
	{"parallax_v2_backpressure_state", Gauge, nil, "V2's backpressure state: 0 healthy, 1 warning, 2 critical, 3 saturated."},
	{"parallax_v2_speed_ratio", Gauge, nil, "V2's speed over V1's, side by side; 0 while it cannot be compared: the outputs differ, V2 is detached, or V2 has some of the keys only."},
	{"parallax_v2_skew", Gauge, nil, "Records of V2's largest partition over the mean of its partitions."},
	{"parallax_v2_partition_records_total", Counter, []string{"partition"}, "Records that V2's partition has processed, over all V2s of the run."},
	{"parallax_v2_partition_records_per_second", Gauge, []string{"partition"}, "Records a second of V2's partition, since the first V2 began."},
	{"parallax_v2_partition_keys", Gauge, []string{"partition"}, "The most keys that V2's partition held after a batch."},
	{"parallax_v2_partition_busy_seconds_total", Counter, []string{"partition"}, "Time that V2's partition has worked."},
	{"parallax_v2_partition_queue_records", Gauge, []string{"partition"}, "Records that wait for V2's partition."},
	{"parallax_v2_partition_queue_batches", Gauge, []string{"partition"}, "Batches that wait for V2's partition."},
	{"parallax_v2_partition_cpu", Gauge, []string{"partition"}, "CPU that V2's partition is tied to, -1 for none."},
}

// annotate copies samples in Prometheus' text format, with HELP and TYPE before the first
// one of each metric. Those of one metric stand together.
func annotate(w io.Writer, samples []byte, docs []Doc) {
	byName := map[string]*Doc{}
	for i := range docs {
		byName[docs[i].Name] = &docs[i]
	}
	last := ""
	lines := bufio.NewScanner(bytes.NewReader(samples))
	for lines.Scan() {
		line := lines.Text()
		name := line[:max(0, strings.IndexAny(line, "{ "))]
		doc := byName[name]
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(name, part); ok && doc == nil {
				doc = byName[base]
			}
		}
		if doc != nil && doc.Name != last {
			last = doc.Name
			fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", doc.Name, doc.Help, doc.Name, doc.Kind)
		}
		fmt.Fprintln(w, line)
	}
}
