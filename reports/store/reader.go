package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// Reader reads the store of a job, beside the process that writes it. It is safe for
// concurrent use.
type Reader struct {
	path string
	db   *sql.DB
}

// OpenReader opens the store of a job for reading. The error is fs.ErrNotExist if there is
// none.
func OpenReader(dir, job string) (*Reader, error) {
	path := Path(dir, job)
	db, err := openReadable(path)
	if err != nil {
		return nil, err
	}
	return &Reader{path, db}, nil
}

// Close ends the reading.
func (r *Reader) Close() error { return r.db.Close() }

// Run is a run in a store.
type Run struct {
	evidence.RunIdentity
	Job   string    `json:"job"`
	Begun time.Time `json:"begun"`
	// From and To are the positions of its evidence, First and Last the times.
	From  int64     `json:"from"`
	To    int64     `json:"to"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Spans is how many spans it has, Passed whether a verdict of it was a pass.
	Spans  int64 `json:"spans"`
	Passed bool  `json:"passed"`
}

// querier is a database or a transaction.
type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

const selectRuns = `SELECT r.run, r.job, r.fingerprint, r.v1, r.v2, r.rules, r.redaction, r.begun, r.first_position,
	coalesce(max(s.to_position), r.first_position), coalesce(min(s.wall_from), r.begun), coalesce(max(s.wall_to), r.begun), coalesce(sum(s.merged), 0),
	EXISTS (SELECT 1 FROM verdicts v WHERE v.run = r.run AND v.state = 'pass')
	FROM runs r LEFT JOIN spans s ON s.run = r.run GROUP BY r.rowid ORDER BY r.rowid`

// Runs returns the job's runs, the oldest first.
func (r *Reader) Runs() ([]Run, error) {
	list, err := readRuns(r.db, selectRuns)
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	return list, nil
}

// newestRun returns the run that was begun last, nil if there is none.
func newestRun(q querier) (*Run, error) {
	list, err := readRuns(q, selectRuns+" DESC LIMIT 1")
	if len(list) == 0 || err != nil {
		return nil, err
	}
	return &list[0], nil
}

func readRuns(q querier, query string) (list []Run, err error) {
	rows, err := q.Query(query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var run Run
		var begun, first, last int64
		err := rows.Scan(&run.Run, &run.Job, &run.Fingerprint, &run.V1, &run.V2, &run.Rules, &run.Redaction, &begun, &run.From, &run.To, &first, &last, &run.Spans, &run.Passed)
		if err != nil {
			return nil, err
		}
		run.Begun, run.First, run.Last = timeOf(begun), timeOf(first), timeOf(last)
		list = append(list, run)
	}
	return list, rows.Err()
}

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// Query selects the evidence of a run.
type Query struct {
	// Run is the run's id; "" is the newest run.
	Run string
	// Since leaves out the spans that ended before; zero is from the beginning.
	Since time.Time
	// Until leaves out the spans that ended later; zero is to the end.
	Until time.Time
}

// ErrNoRun says that a store has no such run.
var ErrNoRun = errors.New("there is no such run")

// Stretch returns the clean stretch of a run: what was compared since its newest
// interruption, as far as the query selects it.
func (r *Reader) Stretch(q Query) (*evidence.Stretch, error) {
	return r.fold(q, (*evidence.Fold).Stretch)
}

// Whole returns all evidence of a run, also that from before its interruptions, as far as the
// query selects it.
func (r *Reader) Whole(q Query) (*evidence.Stretch, error) {
	return r.fold(q, (*evidence.Fold).Whole)
}

// fold adds up the selected spans of a run.
func (r *Reader) fold(q Query, sum func(*evidence.Fold) *evidence.Stretch) (*evidence.Stretch, error) {
	run, err := r.find(q.Run)
	if err != nil {
		return nil, err
	}
	var fold evidence.Fold
	err = r.Spans(q, func(s *evidence.Span) error { fold.Add(s); return nil })
	if err != nil {
		return nil, err
	}
	stretch := sum(&fold)
	if stretch == nil {
		stretch = &evidence.Stretch{Job: run.Job, From: run.To, To: run.To, First: run.Last, Last: run.Last}
	}
	stretch.Job, stretch.Identity = run.Job, run.RunIdentity
	if stretch.Retries, err = r.retries(run); err != nil {
		return nil, err
	}
	stretch.StageChanges, err = r.StageChanges()
	stretch.V1HasV2State = v1HasV2State(run, stretch.StageChanges)
	if !q.Until.IsZero() {
		stretch.StageChanges = slices.DeleteFunc(stretch.StageChanges, func(c stage.Change) bool { return c.At.After(q.Until) })
	}
	return stretch, err
}

// v1HasV2State returns when V1 was given V2's state: with the newest change from done back to shadow,
// unless the run read its input from the beginning after it.
func v1HasV2State(run *Run, changes []stage.Change) *time.Time {
	for i := len(changes) - 1; i >= 0; i-- {
		c := &changes[i]
		if c.From.Kind != stage.Done || c.To.Kind == stage.Done {
			continue
		}
		if run.From == 0 && run.Begun.After(c.At) {
			return nil
		}
		at := c.At.UTC()
		return &at
	}
	return nil
}

// find returns a run; the newest one for "".
func (r *Reader) find(id string) (*Run, error) {
	runs, err := r.Runs()
	if err != nil {
		return nil, err
	}
	for i := len(runs) - 1; i >= 0; i-- {
		if id == "" || runs[i].Run == id {
			return &runs[i], nil
		}
	}
	if id == "" {
		return nil, fmt.Errorf("evidence store %s: no run has stored evidence yet: %w", r.path, ErrNoRun)
	}
	return nil, fmt.Errorf("evidence store %s: run %s: %w", r.path, id, ErrNoRun)
}

// Spans calls visit with the selected spans of a run, by position.
func (r *Reader) Spans(q Query, visit func(*evidence.Span) error) (err error) {
	run, err := r.find(q.Run)
	if err != nil {
		return err
	}
	until := int64(1<<63 - 1)
	if !q.Until.IsZero() {
		until = q.Until.UnixMilli()
	}
	since := int64(-1 << 63)
	if !q.Since.IsZero() {
		since = q.Since.UnixMilli()
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("evidence store %s: %w", r.path, err)
		}
	}()
	rows, err := r.db.Query("SELECT record FROM spans WHERE run = ? AND wall_to > ? AND wall_to <= ? ORDER BY task, from_position, to_position", run.Run, since, until)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return err
		}
		s := new(evidence.Span)
		if err := json.Unmarshal(record, s); err != nil {
			return fmt.Errorf("a span of run %s: %w", run.Run, err)
		}
		if s.Version != evidence.SpanVersion {
			return fmt.Errorf("a span of run %s has version %d, and this program reads version %d", run.Run, s.Version, evidence.SpanVersion)
		}
		if err := visit(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// retryPeriod is for how long a run counts as an attempt.
const retryPeriod = 7 * 24 * time.Hour

// retries counts the earlier runs of the same job and V2 that ended without a pass.
func (r *Reader) retries(of *Run) (n int, err error) {
	runs, err := r.Runs()
	if err != nil {
		return 0, err
	}
	for _, run := range runs {
		if run.Run == of.Run {
			break
		}
		isSame := run.Fingerprint == of.Fingerprint && run.V1 == of.V1 && run.V2 == of.V2
		if isSame && !run.Passed && of.Last.Sub(run.Last) < retryPeriod {
			n++
		}
	}
	return n, nil
}

// Removal says what detail was removed to keep a store small.
type Removal struct {
	At time.Time `json:"at"`
	// What is "samples", or "spans": spans were merged into one for each hour.
	What string `json:"what"`
	// Before: it is of spans that ended before then, Rows of them.
	Before time.Time `json:"before"`
	Rows   int64     `json:"rows"`
}

// Removals returns what was removed, the oldest first.
func (r *Reader) Removals() (list []Removal, err error) {
	rows, err := r.db.Query("SELECT at, what, before, rows FROM removals ORDER BY rowid")
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m Removal
		var at, before int64
		if err := rows.Scan(&at, &m.What, &before, &m.Rows); err != nil {
			return nil, err
		}
		m.At, m.Before = timeOf(at), timeOf(before)
		list = append(list, m)
	}
	return list, rows.Err()
}
