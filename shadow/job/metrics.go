package job

import (
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
}

// watchTask adds a task's metrics.
func watchTask(m *metrics.Metrics, task *kafka.Task) {
	for _, t := range taskMetrics {
		m.Add(t.doc, func() float64 { return float64(t.of(task.Stats())) })
	}
}

// MetricDocs describes all metrics of a run.
func MetricDocs() []metrics.Doc {
	docs := metrics.Docs()
	for _, t := range taskMetrics {
		docs = append(docs, t.doc)
	}
	return docs
}
