// Package metrics holds the metrics of a run for Prometheus: counters and gauges that the
// runner, the candidate and the comparison set, gauges that are computed when they are
// scraped, and a HELP and a TYPE line for each.
//
// Stability: ours.
package metrics

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/throughput"
)

// Metrics are the metrics of one run, in a set of their own. Histograms have le buckets,
// which Prometheus reads directly.
type Metrics struct {
	set     *metrics.Set
	docs    []Doc // guarded by docsMu, because metrics are added while others read
	docsMu  sync.Mutex
	records [2]*metrics.Counter
	rows    [2]*metrics.Counter
	errors  [2]*metrics.Counter
	seconds [2]*metrics.PrometheusHistogram
	queue   atomic.Int64
	state   atomic.Int64
	reseeds *metrics.Counter
	// rescales counts candidates that replaced another one with its state.
	rescales *metrics.Counter
	failed   *metrics.Counter // attempts at it
	ledger   atomic.Pointer[diff.Ledger]
	roots    atomic.Int64
	cascade  atomic.Int64
	second   [2]atomic.Int64 // second opinions on batches that are equal, and that differ
	mutation [2]atomic.Int64 // mutations that the comparison detected, and that it missed
	states   [3]atomic.Int64 // checkpoints at which states were equal, differed, and were not compared
	// candidate provides the candidate's figures; nil before there is a candidate.
	candidate atomic.Pointer[Candidate]
	since     time.Time    // is not written to after candidate
	pause     atomic.Int64 // of the control, for a checkpoint, in ns
	core      atomic.Int64 // the control's reserved CPU, -1 for none
}

// New returns a run's metrics, all at zero.
func New() *Metrics {
	m := &Metrics{set: metrics.NewSet(), docs: Docs()}
	m.ledger.Store(&diff.Ledger{})
	m.core.Store(-1)
	m.set.NewGauge("parallax_v1_cpu", func() float64 { return float64(m.core.Load()) })
	buckets := metrics.ExponentialBuckets(1e-5, 2, 22) // 10 µs to 21 s
	for path, name := range throughput.PathNames {
		label := `{path="` + name + `"}`
		m.records[path] = m.set.NewCounter("parallax_records_total" + label)
		m.rows[path] = m.set.NewCounter("parallax_output_rows_total" + label)
		m.errors[path] = m.set.NewCounter("parallax_expression_errors_total" + label)
		m.seconds[path] = m.set.NewPrometheusHistogramExt("parallax_batch_seconds"+label, buckets)
	}
	m.set.NewGauge("parallax_v2_queue_batches", func() float64 { return float64(m.queue.Load()) })
	m.set.NewGauge("parallax_v2_detached", func() float64 { return float64(m.state.Load()) })
	m.reseeds = m.set.NewCounter("parallax_v2_reseeds_total")
	m.rescales = m.set.NewCounter("parallax_v2_rescales_total")
	m.set.NewGauge("parallax_checkpoint_pause_seconds", func() float64 { return time.Duration(m.pause.Load()).Seconds() })
	m.failed = m.set.NewCounter("parallax_v2_reseed_failures_total")
	m.set.NewGauge(`parallax_divergences{kind="root"}`, func() float64 { return float64(m.roots.Load()) })
	m.set.NewGauge(`parallax_divergences{kind="cascade"}`, func() float64 { return float64(m.cascade.Load()) })
	for i, found := range [...]string{"equal", "differing"} {
		m.set.NewGauge(`parallax_second_opinions_total{found="`+found+`"}`, func() float64 { return float64(m.second[i].Load()) })
	}
	for i, found := range [...]string{"detected", "missed"} {
		m.set.NewGauge(`parallax_mutations_total{found="`+found+`"}`, func() float64 { return float64(m.mutation[i].Load()) })
	}
	for i, found := range [...]string{"equal", "differing", "not_compared"} {
		m.set.NewGauge(`parallax_state_comparisons_total{found="`+found+`"}`, func() float64 { return float64(m.states[i].Load()) })
	}
	for _, b := range ledgerBuckets {
		m.set.NewGauge(`parallax_ledger_records{bucket="`+b.name+`"}`, func() float64 {
			return float64(b.of(m.ledger.Load()))
		})
	}
	return m
}

// OwnCore sets the CPU that is reserved for the control.
func (m *Metrics) OwnCore(cpu int) { m.core.Store(int64(cpu)) }

// Paused records how long the control stopped for a checkpoint.
func (m *Metrics) Paused(d time.Duration) { m.pause.Store(int64(d)) }

// ledgerBuckets are the ledger's columns, as metrics name them.
var ledgerBuckets = []struct {
	name string
	of   func(*diff.Ledger) int64
}{
	{"compared", func(l *diff.Ledger) int64 { return l.Compared }},
	{"filtered", func(l *diff.Ledger) int64 { return l.Filtered }},
	{"sampled_out", func(l *diff.Ledger) int64 { return l.SampledOut }},
	{"shed", func(l *diff.Ledger) int64 { return l.Shed }},
	{"v1_error", func(l *diff.Ledger) int64 { return l.V1Error }},
	{"v2_error", func(l *diff.Ledger) int64 { return l.V2Error }},
	{"undecodable", func(l *diff.Ledger) int64 { return l.Undecodable }},
	{"not_comparable", func(l *diff.Ledger) int64 { return l.NotComparable }},
	{"pending", func(l *diff.Ledger) int64 { return l.Pending }},
	{"gap", func(l *diff.Ledger) int64 { return l.Gap }},
}

// Write writes the set in Prometheus' text format.
func (m *Metrics) Write(w io.Writer) {
	var samples bytes.Buffer
	if c := m.candidate.Load(); c != nil {
		m.watchPartitions(*c) // there may be more than before
		d := (*c).Description()
		fmt.Fprintf(&samples, "parallax_v2_info{processor=%q,strategy=%q} 1\n", d.Name, d.Strategy)
	}
	m.set.WritePrometheus(&samples)
	m.docsMu.Lock()
	docs := slices.Clone(m.docs)
	m.docsMu.Unlock()
	annotate(w, samples.Bytes(), docs)
}

// Add adds a metric of the caller's that is read when it is scraped, such as a source's
// lag.
func (m *Metrics) Add(doc Doc, f func() float64) {
	m.docsMu.Lock()
	m.docs = append(m.docs, doc)
	m.docsMu.Unlock()
	m.set.NewGauge(doc.Name, f)
}

// Processed counts a path's outcome for a batch. path is one of throughput's indexes.
func (m *Metrics) Processed(path int, o *row.Outcome, took time.Duration) {
	m.records[path].Add(o.Batch.Len())
	m.rows[path].Add(len(o.Changes))
	m.errors[path].AddInt64(o.ExpressionErrors)
	m.seconds[path].Update(took.Seconds())
}

// Queued sets how many batches the candidate has received and not finished.
func (m *Metrics) Queued(n int) { m.queue.Store(int64(n)) }

// Detached records that there is no candidate.
func (m *Metrics) Detached() { m.state.Store(1) }

// Rescaled counts a candidate that replaced another one with its state.
func (m *Metrics) Rescaled() { m.rescales.Inc() }

// Reseeded records that a candidate returned.
func (m *Metrics) Reseeded() {
	m.reseeds.Inc()
	m.state.Store(0)
}

// NotReseeded counts an attempt to bring the candidate back that failed.
func (m *Metrics) NotReseeded() { m.failed.Inc() }

// Booked sets the current ledger.
func (m *Metrics) Booked(l diff.Ledger) { m.ledger.Store(&l) }

// Compared sets the number of divergences.
func (m *Metrics) Compared(roots, cascades int64) {
	m.roots.Store(roots)
	m.cascade.Store(cascades)
}

// Opinions sets the counts of second opinions.
func (m *Metrics) Opinions(n evidence.SecondOpinions) {
	m.second[0].Store(n.Equal)
	m.second[1].Store(n.Differing)
}

// Mutations sets the counts of mutations that were injected into the comparison.
func (m *Metrics) Mutations(detected, missed int64) {
	m.mutation[0].Store(detected)
	m.mutation[1].Store(missed)
}

// StatesCompared sets the counts of checkpoints at which states were compared.
func (m *Metrics) StatesCompared(n evidence.StateComparisons) {
	m.states[0].Store(n.Equal)
	m.states[1].Store(n.Differing)
	m.states[2].Store(n.NotCompared)
}
