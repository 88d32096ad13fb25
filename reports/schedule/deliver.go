package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parallax/reports/delivery"
	"parallax/reports/document"
	"parallax/reports/store"
)

const (
	// deliverFor is how long after the end of its window a report is sent: one that is caught up
	// later is in the folder only.
	deliverFor = 7 * day
	// firstWait is the pause after an attempt that failed, which doubles up to longestWait.
	firstWait   = time.Minute
	longestWait = time.Hour
)

// attempts are the attempts to deliver a report to a channel.
type attempts struct {
	n           int
	last        time.Time
	isDelivered bool
}

// isDue reports whether there is to be another attempt.
func (a attempts) isDue(now time.Time) bool {
	if a.isDelivered {
		return false
	}
	wait := longestWait
	if a.n < 7 {
		wait = min(firstWait<<a.n/2, longestWait)
	}
	return a.n == 0 || !now.Before(a.last.Add(wait))
}

// sending is a report that a receiver has not got yet.
type sending struct {
	report store.ReportRow
	to     delivery.Config
}

// unsent returns what is to be sent now.
func (j *Job) unsent(r *store.Reader, made []store.ReportRow, now time.Time) (list []sending, err error) {
	if len(j.Config.Deliver) == 0 {
		return nil, nil
	}
	tried, err := r.Deliveries()
	if err != nil {
		return nil, err
	}
	type to struct {
		report  int64
		channel string
	}
	so := map[to]attempts{}
	for _, d := range tried {
		a := so[to{d.Report, d.Channel}]
		so[to{d.Report, d.Channel}] = attempts{a.n + 1, d.At, a.isDelivered || d.IsDelivered}
	}
	for _, report := range made {
		if now.Sub(report.To) > deliverFor {
			continue
		}
		for _, c := range j.Config.Deliver {
			if so[to{report.ID, c.Channel()}].isDue(now) {
				list = append(list, sending{report, c})
			}
		}
	}
	return list, nil
}

// deliver sends the reports that have not been delivered, and stores the results.
func (j *Job) deliver(ctx context.Context, r *store.Reader, h *store.History, now time.Time) error {
	made, err := r.Reports() // also the one that was made just now
	if err != nil {
		return err
	}
	list, err := j.unsent(r, made, now)
	if err != nil {
		return err
	}
	var all error
	for _, s := range list {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := j.send(ctx, s.to, s.report)
		row := store.DeliveryRow{Report: s.report.ID, Channel: s.to.Channel(), At: now, IsDelivered: err == nil}
		if err != nil {
			row.Detail = err.Error()
			all = errors.Join(all, fmt.Errorf("deliver the report of %s to %s: %w", s.report.To.Format(time.RFC3339), s.to.Channel(), err))
		}
		all = errors.Join(all, h.AddDelivery(row))
	}
	return all
}

// send sends a report whose page is in the folder.
func (j *Job) send(ctx context.Context, c delivery.Config, report store.ReportRow) error {
	d, err := document.Read(bytes.NewReader(report.Document))
	if err != nil {
		return err
	}
	html, err := os.ReadFile(filepath.Join(j.Config.Dir, d.ID+".html"))
	if err != nil {
		return err
	}
	m, err := delivery.New(d, html, false)
	if err != nil {
		return err
	}
	return c.Send(ctx, m)
}
