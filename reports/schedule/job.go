package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/page"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// Job is a job whose stored evidence is reported.
type Job struct {
	Name string
	// File is the job file, for the commands in reports.
	File string
	// EvidenceDir is the directory of the store.
	EvidenceDir string
	Policy      gate.Policy
	// Accepted reads the acceptances, which may change while the job runs; nil is none.
	Accepted func() ([]gate.Acceptance, error)
	Config   Config
	// Log gets what went wrong; nil is none.
	Log *slog.Logger

	every time.Duration // instead of checkEvery
}

// Report makes the report on the evidence of a window, as it is at a time.
func (j *Job) Report(r *store.Reader, w document.Window, at time.Time) (*document.Document, error) {
	var accepted []gate.Acceptance
	if j.Accepted != nil {
		var err error
		if accepted, err = j.Accepted(); err != nil {
			return nil, err
		}
	}
	s, err := j.stretch(r, w)
	if err != nil {
		return nil, err
	}
	previous, err := before(r, w)
	if err != nil {
		return nil, err
	}
	deliveries, err := lastDeliveries(r)
	if err != nil {
		return nil, err
	}
	return document.New(document.Source{
		Evidence: gate.OfStretch(s, accepted, at), Policy: j.Policy, Window: w, Made: at, JobFile: j.File, Previous: previous, Deliveries: deliveries,
	})
}

// mostDeliveries is how many attempts to deliver earlier reports a report shows.
const mostDeliveries = 20

func lastDeliveries(r *store.Reader) (list []document.Delivery, err error) {
	reports, err := r.Reports()
	if err != nil {
		return nil, err
	}
	ends := map[int64]time.Time{}
	for _, report := range reports {
		ends[report.ID] = report.To
	}
	attempts, err := r.Deliveries()
	if err != nil {
		return nil, err
	}
	for _, a := range attempts[max(0, len(attempts)-mostDeliveries):] {
		list = append(list, document.Delivery{Report: ends[a.Report], Channel: a.Channel, At: a.At, IsDelivered: a.IsDelivered, Detail: a.Detail})
	}
	return list, nil
}

// stretch returns the evidence of a window: that of the newest run which has some, or an empty
// stretch of the newest run that had begun.
func (j *Job) stretch(r *store.Reader, w document.Window) (*evidence.Stretch, error) {
	runs, err := r.Runs()
	if err != nil {
		return nil, err
	}
	empty := &evidence.Stretch{Job: j.Name}
	for i := len(runs) - 1; i >= 0; i-- {
		run := &runs[i]
		if !run.First.Before(w.To) || !run.Last.After(w.From) {
			if empty.Identity.Run == "" && run.First.Before(w.To) {
				empty.Identity = run.RunIdentity
			}
			continue
		}
		s, err := r.Stretch(store.Query{Run: run.Run, Since: w.From, Until: w.To})
		if err != nil {
			return nil, err
		}
		if s.Ledger.Records() == 0 && s.Before == nil {
			s.First, s.Last = time.Time{}, time.Time{} // no span ended in the window
		}
		return s, nil
	}
	return empty, nil
}

// before returns the newest report that is about an earlier time; nil if there is none.
func before(r *store.Reader, w document.Window) (*document.Document, error) {
	list, err := r.Reports()
	if err != nil {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].To.Before(w.To) {
			continue
		}
		d, err := document.Read(bytes.NewReader(list[i].Document))
		if err != nil {
			return nil, fmt.Errorf("the report of %s: %w", list[i].To.Format(time.RFC3339), err)
		}
		return d, nil
	}
	return nil, nil
}

// Page draws a report.
func Page(d *document.Document) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Write(&b, d); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// reader opens the store; nil if there is none yet.
func (j *Job) reader() (*store.Reader, error) {
	r, err := store.OpenReader(j.EvidenceDir, j.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}
