package dashboard

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"parallax/reports/verdict"
)

// Verdicts keeps the newest verdict of a job, so that readers do not make V1 slower: making
// one reads all stored evidence.
type Verdicts struct {
	make func(context.Context) (verdict.Document, error)

	mu    sync.Mutex
	last  verdict.Document
	err   error
	until time.Time // when last is made again
}

const (
	// verdictPeriod is how long a verdict is shown before it is made again. Evidence is
	// stored as often.
	verdictPeriod = 10 * time.Second
	// verdictShare is how much longer than the time of making it a verdict is shown: making
	// verdicts takes at most 2 % of one CPU.
	verdictShare = 50
)

// NewVerdicts returns verdicts that make makes.
func NewVerdicts(make func(context.Context) (verdict.Document, error)) *Verdicts {
	return &Verdicts{make: make}
}

// Newest returns the newest verdict, which may be some seconds old.
func (v *Verdicts) Newest(ctx context.Context) (verdict.Document, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	begun := time.Now()
	if begun.Before(v.until) {
		return v.last, v.err
	}
	v.last, v.err = v.make(context.WithoutCancel(ctx)) // others get it as well
	ended := time.Now()
	v.until = ended.Add(max(verdictPeriod, verdictShare*ended.Sub(begun)))
	return v.last, v.err
}

// Renew lets the next reader get a verdict that is made then.
func (v *Verdicts) Renew() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.until = time.Time{}
}

// Write writes the verdict as metrics for Prometheus. Without a verdict there is no sample,
// so that a query that expects one finds none.
func (v *Verdicts) Write(w io.Writer) {
	d, err := v.Newest(context.Background())
	if err != nil || d.MadeAt.IsZero() {
		return
	}
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s{job=%q,v2=%q} %d\n", VerdictMetric, VerdictHelp, VerdictMetric, VerdictMetric, d.Job, d.V2, verdictNumber(d.Code))
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", UpdatedMetric, UpdatedHelp, UpdatedMetric, UpdatedMetric, d.MadeAt.Unix())
}

// The metrics of a verdict.
const (
	VerdictMetric = "parallax_gate_verdict"
	VerdictHelp   = "The verdict on the job's stored evidence, or on this run if none is stored: 0 pass, 1 fail, 2 error, 3 inconclusive."
	UpdatedMetric = "parallax_gate_updated_timestamp_seconds"
	UpdatedHelp   = "When the verdict was made."
)

// verdictNumber is the verdict's state as a number. A V2 that is right but too slow fails.
func verdictNumber(code int) int {
	if code == 4 {
		return 1
	}
	return code
}
