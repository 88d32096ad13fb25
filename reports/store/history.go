package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// History keeps verdicts, reports and their deliveries in the store of a job. Any process may
// write it, beside the one that writes spans. It is safe for concurrent use.
type History struct {
	path string
	db   *sql.DB
}

// OpenHistory opens the history in the store of a job, which it creates if need be.
func OpenHistory(dir, job string) (*History, error) {
	path := Path(dir, job)
	db, err := openWritable(path)
	if err != nil {
		return nil, err
	}
	return &History{path, db}, nil
}

// Close ends the use.
func (h *History) Close() error { return h.db.Close() }

// VerdictRow is a verdict in the history. Document is its JSON.
type VerdictRow struct {
	ID, Run  string
	Made     time.Time
	State    string // pass, fail, inconclusive or error
	Expires  time.Time
	Document []byte
}

// AddVerdict stores a verdict. One of the same id and time is stored once.
func (h *History) AddVerdict(v VerdictRow) error {
	_, err := h.db.Exec("INSERT INTO verdicts (id, run, made, state, expires, document) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		v.ID, v.Run, v.Made.UnixMilli(), v.State, v.Expires.UnixMilli(), string(v.Document))
	return h.explain(err)
}

// ReportRow is a report in the history, of the evidence from the time From to the time To.
// Document is what the reporter reads again later, in JSON.
type ReportRow struct {
	ID                  int64
	From, To            time.Time
	Run, Verdict, State string
	Made                time.Time
	Document            []byte
}

// AddReport stores a report and returns its ID. There is one report for a window: false is
// that there was one, whose ID is returned.
func (h *History) AddReport(r ReportRow) (id int64, isNew bool, err error) {
	result, err := h.db.Exec("INSERT INTO reports (window_from, window_to, run, verdict, state, made, document) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		r.From.UnixMilli(), r.To.UnixMilli(), r.Run, r.Verdict, r.State, r.Made.UnixMilli(), string(r.Document))
	if err != nil {
		return 0, false, h.explain(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, false, h.explain(err)
	}
	err = h.db.QueryRow("SELECT id FROM reports WHERE window_from = ? AND window_to = ?", r.From.UnixMilli(), r.To.UnixMilli()).Scan(&id)
	return id, n == 1, h.explain(err)
}

// DeliveryRow is an attempt to deliver a report.
type DeliveryRow struct {
	Report      int64
	Channel     string
	At          time.Time
	IsDelivered bool
	Detail      string
}

// AddDelivery stores an attempt to deliver a report.
func (h *History) AddDelivery(d DeliveryRow) error {
	outcome := "failed"
	if d.IsDelivered {
		outcome = "delivered"
	}
	_, err := h.db.Exec("INSERT INTO deliveries (report, channel, at, outcome, detail) VALUES (?, ?, ?, ?, ?)", d.Report, d.Channel, d.At.UnixMilli(), outcome, d.Detail)
	return h.explain(err)
}

// RemoveReports deletes the reports that were made before a time, with their deliveries.
func (h *History) RemoveReports(before time.Time) error {
	_, err := h.db.Exec("DELETE FROM deliveries WHERE report IN (SELECT id FROM reports WHERE made < ?)", before.UnixMilli())
	if err == nil {
		_, err = h.db.Exec("DELETE FROM reports WHERE made < ?", before.UnixMilli())
	}
	return h.explain(err)
}

func (h *History) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("evidence store %s: %w", h.path, err)
}

// Verdicts returns the stored verdicts, the oldest first.
func (r *Reader) Verdicts() (list []VerdictRow, err error) {
	rows, err := r.db.Query("SELECT id, run, made, state, expires, document FROM verdicts ORDER BY made, rowid")
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v VerdictRow
		var made, expires int64
		if err := rows.Scan(&v.ID, &v.Run, &made, &v.State, &expires, &v.Document); err != nil {
			return nil, err
		}
		v.Made, v.Expires = timeOf(made), timeOf(expires)
		list = append(list, v)
	}
	return list, rows.Err()
}

// Reports returns the stored reports, by window.
func (r *Reader) Reports() (list []ReportRow, err error) {
	rows, err := r.db.Query("SELECT id, window_from, window_to, run, verdict, state, made, document FROM reports ORDER BY window_to, window_from")
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p ReportRow
		var from, to, made int64
		if err := rows.Scan(&p.ID, &from, &to, &p.Run, &p.Verdict, &p.State, &made, &p.Document); err != nil {
			return nil, err
		}
		p.From, p.To, p.Made = timeOf(from), timeOf(to), timeOf(made)
		list = append(list, p)
	}
	return list, rows.Err()
}

// Deliveries returns the attempts to deliver reports, the oldest first.
func (r *Reader) Deliveries() (list []DeliveryRow, err error) {
	rows, err := r.db.Query("SELECT report, channel, at, outcome, detail FROM deliveries ORDER BY at, rowid")
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d DeliveryRow
		var at int64
		var outcome string
		if err := rows.Scan(&d.Report, &d.Channel, &at, &outcome, &d.Detail); err != nil {
			return nil, err
		}
		d.At, d.IsDelivered = timeOf(at), outcome == "delivered"
		list = append(list, d)
	}
	return list, rows.Err()
}
