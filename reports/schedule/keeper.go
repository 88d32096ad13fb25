package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"parallax/reports/document"
	"parallax/reports/store"
)

// checkEvery is how often Run looks for windows that are due.
const checkEvery = time.Minute

// Run makes the reports of the schedule until ctx ends. It returns at once if there is no
// schedule. An error is logged, and tried again at the next check: no report and no receiver
// can fail or delay the job.
func (j *Job) Run(ctx context.Context) {
	if j.Config.Schedule == "" {
		return
	}
	log := j.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	said := ""
	for {
		err := j.Check(ctx, time.Now())
		if err != nil && ctx.Err() == nil && err.Error() != said { // once, not each minute
			log.Warn("reports: not all were made or delivered; it is tried again", "error", err)
		}
		said = ""
		if err != nil {
			said = err.Error()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(cmp.Or(j.every, checkEvery)):
		}
	}
}

// Check makes the reports that are due at a time, the oldest first, and delivers those that
// have not been.
func (j *Job) Check(ctx context.Context, now time.Time) (err error) {
	c, err := newCalendar(j.Config.Schedule, j.Config.TimeZone)
	if err != nil {
		return err
	}
	r, err := j.reader()
	if r == nil || err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	made, err := r.Reports()
	if err != nil {
		return err
	}
	missing, err := j.missing(c, r, made, now)
	if err != nil {
		return err
	}
	unsent, err := j.unsent(r, made, now)
	if err != nil {
		return err
	}
	oldest := now.Add(-time.Duration(j.Config.Keep))
	isOld := slices.ContainsFunc(made, func(m store.ReportRow) bool { return m.Made.Before(oldest) })
	if len(missing) == 0 && len(unsent) == 0 && !isOld {
		return nil // the store is only read
	}
	h, err := store.OpenHistory(j.EvidenceDir, j.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	var all error
	for _, w := range missing {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := j.make(r, h, w); err != nil {
			all = errors.Join(all, fmt.Errorf("report of %s: %w", w.to.Format(time.RFC3339), err))
		}
	}
	all = errors.Join(all, j.deliver(ctx, r, h, now))
	if isOld {
		all = errors.Join(all, removeOld(j.Config.Dir, j.Name, oldest), h.RemoveReports(oldest))
	}
	return all
}

// missing returns the windows that are due and have no report. The first one is the window in which
// the evidence begins.
func (j *Job) missing(c *calendar, r *store.Reader, made []store.ReportRow, now time.Time) (list []window, err error) {
	runs, err := r.Runs()
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	after := runs[0].First
	if oldest := now.Add(-time.Duration(j.Config.Keep)); after.Before(oldest) {
		after = oldest
	}
	has := map[int64]bool{}
	for _, m := range made {
		has[m.To.UnixMilli()] = true
	}
	for _, w := range c.due(after, now) {
		if !has[w.to.UnixMilli()] {
			list = append(list, w)
		}
	}
	return list, nil
}

// make makes the report of a window: as it was when the window ended, also later.
func (j *Job) make(r *store.Reader, h *store.History, w window) error {
	d, err := j.Report(r, document.Window{From: w.from, To: w.to, Zone: j.Config.TimeZone}, w.to)
	if err != nil {
		return err
	}
	html, err := Page(d)
	if err != nil {
		return err
	}
	if err := save(j.Config.Dir, d, html); err != nil {
		return err
	}
	row, err := rowOf(d)
	if err != nil {
		return err
	}
	if d.Verdict.Run != "" { // something has run
		if err := d.Verdict.AddTo(h); err != nil {
			return err
		}
	}
	_, _, err = h.AddReport(row)
	return err
}

// rowOf is a report as the history keeps it.
func rowOf(d *document.Document) (store.ReportRow, error) {
	text, err := d.Brief()
	return store.ReportRow{
		From: d.Window.From, To: d.Window.To, Run: d.Stretch.Identity.Run, Verdict: d.Verdict.ID, State: d.Summary.Verdict, Made: d.Made, Document: text,
	}, err
}
