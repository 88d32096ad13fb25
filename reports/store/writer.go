package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/zeebo/xxh3"

	"parallax/shadow/checkpoint"
	"parallax/shadow/evidence"
)

// Options bound a store.
type Options struct {
	// Keep is how long detail is kept, 0 for ever.
	Keep time.Duration
	// MaxSize is how many bytes the database may have, 0 for any number.
	MaxSize int64
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Writer writes the spans of a job. One process has it at a time. It is not safe for
// concurrent use.
type Writer struct {
	path string
	opt  Options
	lock *checkpoint.Lock
	db   *sql.DB
	file os.FileInfo // the database that was opened
	// run is the run that goes on, and next the position after its last span.
	run       evidence.RunIdentity
	next      int64
	unchecked int64     // bytes since the size was checked
	keepDue   time.Time // when old detail is looked for again
}

// ErrReplaced says that the database was deleted or replaced while it was open.
var ErrReplaced = errors.New("the database was deleted or replaced while it was in use")

// Open opens the store of a job for the one process that writes it, and creates it.
func Open(dir, job string, opt Options) (*Writer, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	w := &Writer{path: Path(dir, job), opt: opt, unchecked: checkAfter}
	var err error
	if w.lock, err = checkpoint.LockDir(checkpoint.JobPath(dir, job)); err != nil {
		var locked *checkpoint.LockedError
		if errors.As(err, &locked) {
			who := "another process"
			if locked.Owner != nil {
				who = locked.Owner.String()
			}
			return nil, fmt.Errorf("evidence directory %s is used by %s: stop it, or set evidence.dir to another directory", locked.Path, who)
		}
		return nil, fmt.Errorf("evidence: %w", err)
	}
	if w.db, err = openWritable(w.path); err != nil {
		return nil, errors.Join(err, w.lock.Release())
	}
	if w.file, err = os.Stat(w.path); err != nil {
		return nil, errors.Join(fmt.Errorf("evidence store: %w", err), w.Close())
	}
	return w, nil
}

// Close ends the writing. Readers go on.
func (w *Writer) Close() error {
	_, err := w.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, w.db.Close(), w.lock.Release())
}

// Append stores spans of a run in one transaction: all or none. The newest run goes on if it
// has the same identity and none of its evidence is of the spans' positions or later ones;
// otherwise the first span begins a run. It sets the spans' Run. Spans that are stored already
// are left as they are.
func (w *Writer) Append(id evidence.RunIdentity, spans ...*evidence.Span) (err error) {
	if len(spans) == 0 {
		return nil
	}
	if now, err := os.Stat(w.path); err != nil || !os.SameFile(now, w.file) {
		return fmt.Errorf("evidence store %s: %w", w.path, ErrReplaced)
	}
	if err := w.bound(); err != nil {
		return fmt.Errorf("evidence store %s: %w", w.path, err)
	}
	tx, err := w.db.Begin()
	if err != nil {
		return fmt.Errorf("evidence store %s: %w", w.path, err)
	}
	run, next, bytes := w.run, w.next, int64(0)
	defer func() {
		if err != nil {
			err = fmt.Errorf("evidence store %s: %w", w.path, err)
			if undone := tx.Rollback(); !errors.Is(undone, sql.ErrTxDone) { // as after a commit that failed
				err = errors.Join(err, undone)
			}
			return
		}
		w.run, w.next, w.unchecked = run, next, w.unchecked+bytes
	}()
	if run.Run == "" || !sameRun(run, id) {
		if run, next, err = w.begin(tx, id, spans[0]); err != nil {
			return err
		}
	}
	for _, s := range spans {
		s.Run = run.Run
		if s.From < next {
			continue // it is stored
		}
		n, err := insert(tx, s)
		if err != nil {
			return err
		}
		next, bytes = max(next, s.To), bytes+n
	}
	return tx.Commit()
}

// sameRun reports whether evidence of two identities is of one run.
func sameRun(a, b evidence.RunIdentity) bool {
	a.Run, b.Run = "", ""
	return a == b
}

// begin returns the run that a span belongs to, and the position after its last span.
func (w *Writer) begin(tx *sql.Tx, id evidence.RunIdentity, s *evidence.Span) (evidence.RunIdentity, int64, error) {
	newest, err := newestRun(tx)
	if err != nil {
		return id, 0, err
	}
	if newest != nil && sameRun(newest.RunIdentity, id) && (newest.To <= s.From || isStored(tx, newest.Run, s)) {
		return newest.RunIdentity, newest.To, nil
	}
	begun := w.opt.Now().UTC().Truncate(time.Millisecond)
	text, err := json.Marshal([]any{s.Job, id, begun, s.From, s.Incarnation})
	if err != nil {
		return id, 0, err
	}
	id.Run = fmt.Sprintf("%012x", xxh3.Hash(text)>>16)
	_, err = tx.Exec("INSERT INTO runs (run, job, fingerprint, v1, v2, rules, redaction, begun, first_position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		id.Run, s.Job, id.Fingerprint, id.V1, id.V2, id.Rules, id.Redaction, begun.UnixMilli(), s.From)
	return id, s.From, err
}

// isStored reports whether the very span is stored: the same process wrote it before.
func isStored(tx *sql.Tx, run string, s *evidence.Span) bool {
	var n int
	err := tx.QueryRow("SELECT count(*) FROM spans WHERE run = ? AND task = ? AND incarnation = ? AND from_position <= ? AND to_position >= ?",
		run, s.Task, s.Incarnation, s.From, s.To).Scan(&n)
	return err == nil && n > 0
}

// insert stores a span, and returns the size of its record.
func insert(tx *sql.Tx, s *evidence.Span) (int64, error) {
	record, err := json.Marshal(s)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`INSERT INTO spans (run, task, from_position, to_position, wall_from, wall_to, merged, incarnation, is_hole, record)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		s.Run, s.Task, s.From, s.To, s.Wall[0].UnixMilli(), s.Wall[1].UnixMilli(), s.Merged, s.Incarnation, s.IsHole(), string(record))
	return int64(len(record)), err
}
