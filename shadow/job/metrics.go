package job

import (
	"sync/atomic"

	"parallax/reports/dashboard"
	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

// taskMetrics are those of a job's input and output.
var taskMetrics = []struct {
	doc metrics.Doc
	of  func(kafka.Stats) int64
}{
	{
		metrics.Doc{Name: "parallax_lag_records", Kind: metrics.Gauge, Help: "Records between V1's position and the last known end of the input."},
		func(s kafka.Stats) int64 { return s.Lag },
	},
	{
		metrics.Doc{Name: "parallax_waiting_topic_partitions", Kind: metrics.Gauge, Help: "Topic-partitions that wait because their decoder cannot reach a system that it needs."},
		func(s kafka.Stats) int64 { return s.Waiting },
	},
	{
		metrics.Doc{Name: "parallax_decode_retries_total", Kind: metrics.Counter, Help: "Decoding attempts that were repeated for waiting topic-partitions."},
		func(s kafka.Stats) int64 { return s.DecodeRetries },
	},
	{
		metrics.Doc{Name: "parallax_dead_letters_total", Kind: metrics.Counter, Help: "Dead letters written."},
		func(s kafka.Stats) int64 { return s.DeadLetters },
	},
	{
		metrics.Doc{Name: "parallax_refused_rows_total", Kind: metrics.Counter, Help: "Rows that were too large for their topic; the records that caused them became dead letters."},
		func(s kafka.Stats) int64 { return s.TooLarge },
	},
	{
		metrics.Doc{Name: "parallax_changed_timestamps_total", Kind: metrics.Counter, Help: "Rows and dead letters written with another timestamp because their topic refuses their own."},
		func(s kafka.Stats) int64 { return s.ChangedTimestamps },
	},
	{
		metrics.Doc{Name: "parallax_transactions_total", Kind: metrics.Counter, Help: "Transactions committed."},
		func(s kafka.Stats) int64 { return s.Committed },
	},
	{
		metrics.Doc{Name: "parallax_reproduced_transactions_total", Kind: metrics.Counter, Help: "Transactions aborted and produced again."},
		func(s kafka.Stats) int64 { return s.Reproduced },
	},
	{
		metrics.Doc{Name: "parallax_output_bytes_total", Kind: metrics.Counter, Help: "Bytes of the keys and values of the rows that V1 wrote."},
		func(s kafka.Stats) int64 { return s.OutputBytes },
	},
	{
		metrics.Doc{Name: "parallax_journal_bytes_total", Kind: metrics.Counter, Help: "Bytes written to the journal topic, which has the order of records that arrival decided."},
		func(s kafka.Stats) int64 { return s.JournalBytes },
	},
}

// stateMetrics are those of a job's checkpoints, and of its restarts.
var stateMetrics = []struct {
	doc metrics.Doc
	of  func(*Job) float64
}{
	{
		metrics.Doc{Name: "parallax_restarts_total", Kind: metrics.Counter, Help: "How often the job continued from its last checkpoint inside the same process, after it lost its brokers or its topic-partitions."},
		func(j *Job) float64 { return float64(j.restarts.Load()) },
	},
	{
		metrics.Doc{Name: "parallax_replayed_records_total", Kind: metrics.Counter, Help: "Records that were processed again after a checkpoint was restored, without being written or compared."},
		func(j *Job) float64 {
			if r := j.running.Load(); r != nil {
				done, _, _ := r.task.Replaying()
				return float64(done)
			}
			return 0
		},
	},
	{
		metrics.Doc{Name: "parallax_checkpoints_total", Kind: metrics.Counter, Help: "Checkpoints stored."},
		func(j *Job) float64 { return float64(j.stored.count.Load()) },
	},
	{
		metrics.Doc{Name: "parallax_checkpoint_failures_total", Kind: metrics.Counter, Help: "Checkpoints that could not be stored; the one before stays in use."},
		func(j *Job) float64 { return float64(j.stored.failed.Load()) },
	},
	{
		metrics.Doc{Name: "parallax_checkpoints_skipped_total", Kind: metrics.Counter, Help: "Checkpoints that were due while another one was being stored."},
		func(j *Job) float64 { return float64(j.stored.skipped.Load()) },
	},
	{
		metrics.Doc{Name: "parallax_checkpoint_timestamp_seconds", Kind: metrics.Gauge, Help: "When the newest checkpoint was stored, as Unix time; 0 before the first one."},
		func(j *Job) float64 { return float64(j.stored.at.Load()) / 1e3 },
	},
	{
		metrics.Doc{Name: "parallax_checkpoint_bytes", Kind: metrics.Gauge, Help: "The size of the newest checkpoint's files."},
		func(j *Job) float64 { return float64(j.stored.bytes.Load()) },
	},
	{
		metrics.Doc{Name: "parallax_checkpoint_write_seconds", Kind: metrics.Gauge, Help: "How long it took to write the newest checkpoint."},
		func(j *Job) float64 { return float64(j.stored.nanos.Load()) / 1e9 },
	},
}

// stored is what is shown of a job's checkpoints. Times are in ms since 1970 and in ns.
type stored struct{ count, failed, skipped, at, bytes, nanos atomic.Int64 }

// watchJob adds the metrics of a job's input, output and checkpoints.
func watchJob(m *metrics.Metrics, j *Job) {
	for _, t := range taskMetrics {
		m.Add(t.doc, func() float64 { return float64(t.of(j.taskStats())) })
	}
	for _, s := range stateMetrics {
		m.Add(s.doc, func() float64 { return s.of(j) })
	}
	for _, s := range stageMetrics {
		m.Add(s.doc, func() float64 { return s.of(j.runningStage()) })
	}
	for _, e := range evidenceMetrics {
		m.Add(e.doc, func() float64 { return e.of(j.recorder.Load().Counts()) })
	}
}

// MetricDocs describes all metrics of a run.
func MetricDocs() []metrics.Doc {
	docs := metrics.Docs()
	for _, t := range taskMetrics {
		docs = append(docs, t.doc)
	}
	for _, s := range stateMetrics {
		docs = append(docs, s.doc)
	}
	for _, s := range stageMetrics {
		docs = append(docs, s.doc)
	}
	for _, e := range evidenceMetrics {
		docs = append(docs, e.doc)
	}
	return append(docs, verdictDocs...)
}

// verdictDocs describe the metrics that dashboard.Verdicts writes.
var verdictDocs = []metrics.Doc{
	{Name: dashboard.VerdictMetric, Kind: metrics.Gauge, Labels: []string{"job", "v2"}, Help: dashboard.VerdictHelp},
	{Name: dashboard.UpdatedMetric, Kind: metrics.Gauge, Help: dashboard.UpdatedHelp},
}
