package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parallax/server/service"
	"parallax/shadow/job"
	"parallax/shadow/metrics"
)

const (
	metricsPage  = "../../docs/METRICS.md"
	metricsBegin = "<!-- generated from the metrics: go test ./cmd/parallax -run MetricsPage -update -->\n"
)

// metricUse is what the page says of a metric beside its description: its unit, and what an operator does about it.
type metricUse struct{ unit, action string }

var metricUses = map[string]metricUse{
	"parallax_records_total":                   {"records", "V2's rate should follow V1's."},
	"parallax_output_rows_total":               {"rows", "Different totals need not be a divergence: see the level that the job requires."},
	"parallax_expression_errors_total":         {"errors", "If it grows, look for the failing expression: `on_error: dlq` writes its records to the dead-letter topic."},
	"parallax_batch_seconds":                   {"seconds", "If V1's quantiles rise while V2 runs, see [When V2 falls behind](OPERATING.md#when-v2-falls-behind)."},
	"parallax_ledger_records":                  {"records", "`undecodable` and `v1_error`: read the dead-letter topic. `shed` and `not_comparable`: V2 was detached; the log says why."},
	"parallax_divergences":                     {"divergences", "If root is above 0, read the log or the summary: each signature has an example with its cause record."},
	"parallax_evidence_spans_total":            {"spans", "It should grow every 10 seconds while the job reads records."},
	"parallax_evidence_dropped_spans_total":    {"spans", "If it grows, evidence is lost: the log says why. See [EVIDENCE.md](EVIDENCE.md#when-evidence-cannot-be-stored)."},
	"parallax_evidence_failing":                {"0 or 1", "If it stays 1, the log says why evidence cannot be stored."},
	"parallax_evidence_timestamp_seconds":      {"seconds", "Alert if it is old while the job reads records."},
	"parallax_second_opinions_total":           {"batches", ""},
	"parallax_mutations_total":                 {"mutations", "If `missed` is above 0, the comparison does not see a kind of difference: its results cannot be trusted; report the bug."},
	"parallax_state_comparisons_total":         {"checkpoints", "If `differing` is above 0, V2's state is wrong: the log and the summary name the first keys. If `not_compared` grows, V2 is slower than `state.interval`."},
	"parallax_throttle_seconds_total":          {"seconds", "If it grows, V2 is too slow for `on_overload: block`: give it more partitions or CPUs, or use `shed`."},
	"parallax_v1_cpu":                          {"CPU number", ""},
	"parallax_v2_info":                         {"always 1", ""},
	"parallax_v2_detached":                     {"0 or 1", "V1 is not affected. The log says why V2 was detached; correct that. V2 is started again by itself."},
	"parallax_v2_abandoned":                    {"V2s", "Find where V2 hangs with `/debug/pprof/goroutine`, correct it, and restart the job."},
	"parallax_v2_reseeds_total":                {"times", "If it grows steadily, V2 keeps failing or is too slow: see the log."},
	"parallax_gate_verdict":                    {"0 to 3", "[GATE.md](GATE.md) has a query for rollout controllers. If it is 1, read the log or `parallax gate`."},
	"parallax_gate_updated_timestamp_seconds":  {"seconds since 1970", "If its age grows beyond minutes, the process cannot read its evidence: see the log."},
	"parallax_checkpoint_pause_seconds":        {"seconds", "If it is more than your latency allows, raise `state.interval`."},
	"parallax_checkpoints_total":               {"checkpoints", "If it stands still for longer than `state.interval` while records arrive, read the log."},
	"parallax_checkpoint_failures_total":       {"checkpoints", "The log has the reason, such as a full disk. After a crash the job replays from the checkpoint before."},
	"parallax_checkpoints_skipped_total":       {"checkpoints", "Writing takes longer than `state.interval`: raise that, or `state.rate`."},
	"parallax_checkpoint_timestamp_seconds":    {"seconds since 1970", "Alert when its age approaches the retention of the input topics: what is older cannot be replayed."},
	"parallax_checkpoint_bytes":                {"bytes", "The state directory needs `state.keep` + 1 times as much."},
	"parallax_checkpoint_write_seconds":        {"seconds", "Shows how much of `state.interval` writing takes."},
	"parallax_restarts_total":                  {"restarts", "The log says what was lost. Many of them: look at the brokers, and at the group's session timeouts."},
	"parallax_replayed_records_total":          {"records", "The time that a restart takes is in proportion."},
	"parallax_v2_reseed_failures_total":        {"attempts", "The log has the error of each attempt."},
	"parallax_v2_rescales_total":               {"times", ""},
	"parallax_v2_queue_batches":                {"batches", "If it stays near `v2.queue`, V2 is about to be shed, or V1 waits for it."},
	"parallax_v2_pressure":                     {"ratio", "From 0.70 on V2 falls behind: see [When V2 falls behind](OPERATING.md#when-v2-falls-behind)."},
	"parallax_v2_backpressure_state":           {"0 to 3", "As for the pressure."},
	"parallax_v2_speed_ratio":                  {"ratio", "Below 1 V2 is slower than V1 on this machine. Try another number of partitions."},
	"parallax_v2_skew":                         {"ratio", "Far above 1, few keys have most records, so more partitions do not help."},
	"parallax_v2_partition_records_total":      {"records", "A partition that stands still while others go on has no keys, or hangs."},
	"parallax_v2_partition_records_per_second": {"records per second", ""},
	"parallax_v2_partition_keys":               {"keys", ""},
	"parallax_v2_partition_busy_seconds_total": {"seconds", "Its rate is the share of a CPU that the partition uses; near 1 the partition is the bottleneck."},
	"parallax_v2_partition_queue_records":      {"records", ""},
	"parallax_v2_partition_queue_batches":      {"batches", ""},
	"parallax_v2_partition_cpu":                {"CPU number", ""},
	"parallax_lag_records":                     {"records", "If it keeps growing, V1 does not keep up: give the job more CPUs, or turn V2 off."},
	"parallax_waiting_topic_partitions":        {"topic-partitions", "`/readyz` and the log name the system that cannot be reached: restore it. The job then goes on by itself."},
	"parallax_decode_retries_total":            {"attempts", ""},
	"parallax_dead_letters_total":              {"records", "Read the dead-letter topic: the header `parallax.error` has the reason."},
	"parallax_refused_rows_total":              {"rows", "Raise `max.message.bytes` of the output topic, or make the rows smaller."},
	"parallax_changed_timestamps_total":        {"records", "See [Timestamps that a topic refuses](OPERATING.md#timestamps-that-a-topic-refuses)."},
	"parallax_transactions_total":              {"transactions", "If it stands still while records arrive, the job does not commit: see the log."},
	"parallax_reproduced_transactions_total":   {"transactions", "No row is lost or repeated. If it grows steadily, look at the brokers."},
	"parallax_output_bytes_total":              {"bytes", ""},
	"parallax_stage":                           {"0 to 3", "`parallax stage JOB` shows where the migration is and what the next step needs."},
	"parallax_stage_v2_percent":                {"percent", ""},
	"parallax_stage_since_timestamp_seconds":   {"seconds since 1970", ""},
	"parallax_fallbacks_total":                 {"episodes", "No divergent row was emitted. If it grows, V2 is too slow for `canary.wait`: see [RUNBOOK.md](RUNBOOK.md#parallaxfallbacks)."},
	"parallax_v2_emitted_rows_total":           {"rows", ""},
	"parallax_emit_wait_p50_seconds":           {"seconds", "V1's rows are later by this much than in shadow."},
	"parallax_emit_wait_p99_seconds":           {"seconds", "Near `canary.wait` fallback episodes follow."},
	"parallax_stage_strikes":                   {"times", "At 3 the migration is held."},
	"parallax_stage_held":                      {"0 or 1", "See [RUNBOOK.md](RUNBOOK.md#parallaxmigrationheld)."},
	"parallax_job_state":                       {"0 or 1", "Only of `parallax serve`. `failed`: the page and the log say why."},
	"parallax_job_restarts":                    {"restarts", "Only of `parallax serve`. If it grows, the log says why the job fails."},
	"parallax_job_file_refused":                {"0 or 1", "Only of `parallax serve`. The job goes on as it was: correct the file."},
	"parallax_job_files_refused":               {"files", "Only of `parallax serve`. The log names the files."},
	"parallax_journal_bytes_total":             {"bytes", "Its share of the output's bytes is a few percent at most where many records arrive; it stands still while all topic-partitions have records waiting."},
}

// allMetrics describes the metrics of a job, and those of the job server.
func allMetrics() []metrics.Doc { return append(job.MetricDocs(), service.Docs()...) }

// metricsTable writes the metrics as Markdown.
func metricsTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("\n| metric | type | unit | meaning | what to do |\n|---|---|---|---|---|\n")
	for _, d := range allMetrics() {
		use, ok := metricUses[d.Name]
		if !ok {
			t.Errorf("metricUses has no entry for %s", d.Name)
		}
		name := d.Name
		if len(d.Labels) > 0 {
			name += "{" + strings.Join(d.Labels, ",") + "}"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", name, d.Kind, use.unit, pipes(d.Help), pipes(use.action))
	}
	return b.String() + "\n"
}

// The metrics page lists every metric, and no page names a metric that does not exist.
func TestMetricsPageListsTheMetricsThatThereAre(t *testing.T) {
	generated(t, metricsPage, metricsBegin, metricsTable(t))
	known := map[string]bool{}
	for _, d := range allMetrics() {
		known[d.Name] = true
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`parallax_[a-z0-9_]*[a-z0-9]\b`).FindAllString(string(text), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which is no metric", page, name)
			}
		}
	}
}
