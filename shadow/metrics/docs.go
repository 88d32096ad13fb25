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
	{"parallax_output_rows_total", Counter, []string{"path"}, "Rows that the path has produced."},
	{"parallax_expression_errors_total", Counter, []string{"path"}, "Expressions that failed in the path; their value is NULL, or not true in a condition."},
	{"parallax_batch_seconds", Histogram, []string{"path"}, "Time in which the path turns a decoded batch into rows."},
	{"parallax_ledger_records", Gauge, []string{"bucket"}, "Input records by ledger bucket; each record is in exactly one."},
	{"parallax_divergences", Gauge, []string{"kind"}, "Divergences at the required level; a cascade follows from an earlier divergence, a root does not."},
	{"parallax_second_opinions_total", Counter, []string{"found"}, "Batches that the second opinion compared byte by byte, by what the comparison had found: equal or differing."},
	{"parallax_mutations_total", Counter, []string{"found"}, "Copies of V2's rows that were changed on purpose and given to the comparison: detected or missed. Not real differences."},
	{"parallax_state_comparisons_total", Counter, []string{"found"}, "Checkpoints, by how V2's state compared with V1's: equal, differing, or not compared because V2 was detached or behind."},
	{"parallax_throttle_seconds_total", Counter, nil, "Time for which the source waited because V2 was behind."},
	{"parallax_v1_cpu", Gauge, nil, "Number of the CPU that is reserved for V1 (v1.own_core), -1 for none."},
	{"parallax_v2_info", Gauge, []string{"processor", "strategy"}, "Always 1; the labels are V2's present configuration and routing strategy."},
	{"parallax_v2_detached", Gauge, nil, "1 while no V2 is running, else 0."},
	{"parallax_v2_abandoned", Gauge, nil, "Detached V2s that still run v2.deadline after they were detached; at v2.max_abandoned no other V2 is started."},
	{"parallax_v2_reseeds_total", Counter, nil, "Times that V2 was started again with a copy of V1's state."},
	{"parallax_checkpoint_pause_seconds", Gauge, nil, "How long V1 stopped for its newest checkpoint."},
	{"parallax_v2_reseed_failures_total", Counter, nil, "Failed attempts to start V2 again."},
	{"parallax_v2_rescales_total", Counter, nil, "Times that V2 got another number of partitions."},
	{"parallax_v2_queue_batches", Gauge, nil, "Batches that V2 has received and has not finished."},
	{"parallax_v2_pressure", Gauge, nil, "Pressure on V2: 0 is none, 0.70 and above is a warning, 0.95 and above is saturated."},
	{"parallax_v2_backpressure_state", Gauge, nil, "V2's backpressure state: 0 healthy, 1 warning, 2 critical, 3 saturated."},
	{"parallax_v2_speed_ratio", Gauge, nil, "V2's speed divided by V1's while both run; 0 while they are not comparable: the outputs differ, V2 is detached, or V2 gets only some of the keys."},
	{"parallax_v2_skew", Gauge, nil, "Records of V2's largest partition divided by the mean of its partitions."},
	{"parallax_v2_partition_records_total", Counter, []string{"partition"}, "Records that V2's partition has processed, in all V2s of the run."},
	{"parallax_v2_partition_records_per_second", Gauge, []string{"partition"}, "Records per second of V2's partition since the first V2 started."},
	{"parallax_v2_partition_keys", Gauge, []string{"partition"}, "Largest number of keys that V2's partition held after a batch."},
	{"parallax_v2_partition_busy_seconds_total", Counter, []string{"partition"}, "Time for which V2's partition was busy."},
	{"parallax_v2_partition_queue_records", Gauge, []string{"partition"}, "Records that wait for V2's partition."},
	{"parallax_v2_partition_queue_batches", Gauge, []string{"partition"}, "Batches that wait for V2's partition."},
	{"parallax_v2_partition_cpu", Gauge, []string{"partition"}, "Number of the CPU that V2's partition is tied to, -1 for none."},
}

// annotate copies samples in Prometheus' text format and inserts HELP and TYPE before the
// first sample of each metric. Samples of one metric must be adjacent.
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
