package main

import (
	"parallax/shadow"
	"parallax/shadow/kafka"
)

// taskMetrics are those of a job's input and output.
var taskMetrics = []struct {
	doc shadow.MetricDoc
	of  func(kafka.Stats) int64
}{
	{
		shadow.MetricDoc{Name: "parallax_lag_records", Kind: shadow.Gauge, Help: "Records between what V1 has processed and the last known end of the input."},
		func(s kafka.Stats) int64 { return s.Lag },
	},
	{
		shadow.MetricDoc{Name: "parallax_dead_letters_total", Kind: shadow.Counter, Help: "Dead letters that were written."},
		func(s kafka.Stats) int64 { return s.DeadLetters },
	},
	{
		shadow.MetricDoc{Name: "parallax_refused_rows_total", Kind: shadow.Counter, Help: "Rows that were too large for their topic; what caused them became dead letters."},
		func(s kafka.Stats) int64 { return s.TooLarge },
	},
	{
		shadow.MetricDoc{Name: "parallax_changed_timestamps_total", Kind: shadow.Counter, Help: "Rows and dead letters that were written with another timestamp than their own, which their topic does not take."},
		func(s kafka.Stats) int64 { return s.ChangedTimestamps },
	},
	{
		shadow.MetricDoc{Name: "parallax_transactions_total", Kind: shadow.Counter, Help: "Transactions that were committed."},
		func(s kafka.Stats) int64 { return s.Committed },
	},
	{
		shadow.MetricDoc{Name: "parallax_reproduced_transactions_total", Kind: shadow.Counter, Help: "Transactions that were aborted and produced again."},
		func(s kafka.Stats) int64 { return s.Reproduced },
	},
}

// watchTask adds a task's metrics.
func watchTask(m *shadow.Metrics, task *kafka.Task) {
	for _, t := range taskMetrics {
		m.Add(t.doc, func() float64 { return float64(t.of(task.Stats())) })
	}
}

// metricDocs describes all metrics of a run.
func metricDocs() []shadow.MetricDoc {
	docs := shadow.MetricDocs()
	for _, t := range taskMetrics {
		docs = append(docs, t.doc)
	}
	return docs
}
