package job

import (
	"encoding/json"
	"fmt"

	"github.com/zeebo/xxh3"

	"parallax/config"
	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/reports/store"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
	"parallax/shadow/metrics"
)

// Evidence says where and how the evidence of a job is stored.
type Evidence struct {
	// Dir is the evidence directory; "" stores nothing.
	Dir      string
	Options  store.Options
	Identity evidence.RunIdentity
}

// evidenceOf returns how a job file says that evidence is stored.
func evidenceOf(l *config.Loaded, parts []plan.Part, program evidence.Program) Evidence {
	e := Evidence{Identity: identityOf(&l.Job, parts, program)}
	if cfg := &l.Job.Evidence; cfg.Enabled {
		e.Dir, e.Options = l.EvidenceDir(), store.Options{Keep: cfg.Keep.Std(), MaxSize: cfg.MaxSize}
	}
	return e
}

// IdentityOf says what the evidence of a job file would be about, if this program ran it.
func IdentityOf(l *config.Loaded, program evidence.Program) (evidence.RunIdentity, error) {
	p, err := Compile(l)
	if err != nil {
		return evidence.RunIdentity{}, err
	}
	return identityOf(&l.Job, append(p.Parts(), settings(&l.Job)...), program), nil
}

func identityOf(cfg *config.Job, parts []plan.Part, program evidence.Program) evidence.RunIdentity {
	made := fmt.Sprintf("%s %s, semantics %d", program.Version, program.Commit, exec.Semantics)
	v2 := fmt.Sprintf("%s %s", cfg.Processors.V2, cfg.V2.PartitioningStrategy)
	if cfg.Split.Percent != 100 {
		v2 += fmt.Sprintf(" of %v %% of the keys", cfg.Split.Percent)
	}
	return evidence.RunIdentity{
		Fingerprint: plan.FingerprintOf(parts), V1: fmt.Sprintf("%s %s", cfg.Processors.V1, made), V2: v2 + " " + made,
		Rules: digestOf(cfg.Diff), Redaction: digestOf(redactedColumns(cfg.Evidence.Redact)),
	}
}

// digestOf returns a digest of a part of a configuration, "" for an empty list.
func digestOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		text = []byte(fmt.Sprintf("%+v", v)) // an amount that is no number
	}
	if string(text) == "null" || string(text) == "[]" {
		return ""
	}
	return fmt.Sprintf("%012x", xxh3.Hash(text)>>16)
}

// record starts to record the job's evidence, and returns what stops it.
func (j *Job) record() (stop func()) {
	if j.Evidence.Dir == "" {
		return func() {}
	}
	r := store.StartRecorder(j.Evidence.Dir, j.Name, j.Evidence.Identity, j.Evidence.Options, j.Log)
	j.recorder.Store(r)
	return r.Close
}

// spanWriter adds to spans what the job knows, and gives them to the recorder. It never waits.
type spanWriter struct {
	job  *Job
	to   *store.Recorder
	task *kafka.Task
	// before are the counts of the task when the last span ended.
	before kafka.Stats
	window evidence.Input // the sizes of windows
}

func (j *Job) newSpanWriter(task *kafka.Task) *spanWriter {
	w := &spanWriter{job: j, to: j.recorder.Load(), task: task}
	w.window.WindowSize, w.window.WindowGrace = j.windows()
	return w
}

// Take is shadow.Recorder's. It is called by one goroutine at a time.
func (w *spanWriter) Take(s *evidence.Span) {
	now := w.task.Stats()
	b := w.before
	w.before = now
	s.Job, s.Task, s.Incarnation, s.Program = w.job.Name, task, w.task.Incarnation(), w.job.Program
	s.Input = w.window
	s.Input.BrokerGaps, s.Input.RefusedRows = now.BrokerGaps-b.BrokerGaps, now.TooLarge-b.TooLarge
	s.Input.ChangedTimestamps, s.Input.DeadLetters = now.ChangedTimestamps-b.ChangedTimestamps, now.DeadLetters-b.DeadLetters
	if s.Input.DeadLetters > 0 {
		s.Input.DeadLetterTopics = w.task.DeadLetterTopics()
	}
	s.Input.Decoded, s.Input.DecodeTime = now.Records-b.Records, evidence.Duration(now.DecodeTime-b.DecodeTime)
	s.Input.Encoded, s.Input.EncodeTime = now.Rows-b.Rows, evidence.Duration(now.EncodeTime-b.EncodeTime)
	w.job.markSpan(s)
	w.to.Is(w.job.identityAt(s.Batches[0]))
	w.to.Take(s)
}

// windows returns the largest window and grace of the job, in ms.
func (j *Job) windows() (size, grace int64) {
	for _, q := range j.Plan.Queries {
		if a := q.Logical.Aggregation; a != nil && a.Window != nil {
			size, grace = max(size, a.Window.Size), max(grace, a.Window.Grace)
		}
	}
	return size, grace
}

// evidenceMetrics are those of the stored evidence.
var evidenceMetrics = []struct {
	doc metrics.Doc
	of  func(store.Counts) float64
}{
	{
		metrics.Doc{Name: "parallax_evidence_spans_total", Kind: metrics.Counter, Help: "Spans of evidence stored."},
		func(c store.Counts) float64 { return float64(c.Stored) },
	},
	{
		metrics.Doc{Name: "parallax_evidence_dropped_spans_total", Kind: metrics.Counter, Help: "Spans of evidence that could not be stored: each is a hole in the evidence."},
		func(c store.Counts) float64 { return float64(c.Dropped) },
	},
	{
		metrics.Doc{Name: "parallax_evidence_failing", Kind: metrics.Gauge, Help: "1 while evidence cannot be stored, else 0."},
		func(c store.Counts) float64 {
			if c.IsFailing {
				return 1
			}
			return 0
		},
	},
	{
		metrics.Doc{Name: "parallax_evidence_timestamp_seconds", Kind: metrics.Gauge, Help: "When evidence was stored last, as Unix time; 0 before the first time."},
		func(c store.Counts) float64 {
			if c.Last.IsZero() {
				return 0
			}
			return float64(c.Last.UnixMilli()) / 1e3
		},
	},
}
