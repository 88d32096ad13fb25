package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"parallax/shadow/evidence"
)

// ErrFull says that a store has reached its largest size, and that nothing is left to remove
// but counts.
var ErrFull = errors.New("the store has reached evidence.max_size, and only counts are left in it: set a larger evidence.max_size, or another evidence.dir")

// checkAfter is how many bytes are written between two looks at the size.
const checkAfter = 256 << 10

// bound removes detail that is older than it may be, or if the store is too large: the
// samples of older spans first, then the spans of each hour, then those of each day, become
// one. Counts stay.
func (w *Writer) bound() error {
	now := w.opt.Now()
	if w.opt.Keep > 0 && !now.Before(w.keepDue) {
		w.keepDue = now.Add(time.Hour)
		if err := w.reduce(now.Add(-w.opt.Keep), time.Hour); err != nil {
			return err
		}
	}
	if w.opt.MaxSize <= 0 || w.unchecked < checkAfter {
		return nil
	}
	w.unchecked = 0
	steps := []func() error{
		func() error { return w.reduce(now.Add(-time.Hour), 0) },
		func() error { return w.reduce(now.Add(-time.Hour), time.Hour) },
		func() error { return w.reduce(now, 24*time.Hour) },
	}
	for i := 0; ; i++ {
		size, err := w.size()
		switch {
		case err != nil:
			return err
		case size < w.opt.MaxSize:
			return nil
		case i == len(steps):
			w.unchecked = checkAfter // look again before the next span
			return ErrFull
		}
		if err := steps[i](); err != nil {
			return err
		}
	}
}

// size is how many bytes of the database are in use.
func (w *Writer) size() (int64, error) {
	var pages, free, bytes int64
	for query, n := range map[string]*int64{"PRAGMA page_count": &pages, "PRAGMA freelist_count": &free, "PRAGMA page_size": &bytes} {
		if err := w.db.QueryRow(query).Scan(n); err != nil {
			return 0, err
		}
	}
	return (pages - free) * bytes, nil
}

// reduce removes the samples of the spans that ended before a time, and merges those that
// ended in the same period; period 0 merges none.
func (w *Writer) reduce(before time.Time, period time.Duration) error {
	tx, err := w.db.Begin()
	if err != nil {
		return err
	}
	if err := reduce(tx, w.opt.Now(), before, period); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = w.db.Exec("PRAGMA incremental_vacuum")
	return err
}

// group are spans that become one.
type group struct {
	sum  evidence.Span
	rows []int64
	// stripped says that one of them had samples.
	stripped bool
}

func reduce(tx *sql.Tx, now, before time.Time, period time.Duration) error {
	var keys []int64
	rows, err := tx.Query("SELECT rowid FROM spans WHERE wall_to < ? ORDER BY run, task, from_position, to_position", before.UnixMilli())
	if err != nil {
		return err
	}
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return errors.Join(err, rows.Close())
		}
		keys = append(keys, key)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	var merged, stripped int64
	var open *group
	flush := func() error {
		if open == nil || len(open.rows) == 1 && !open.stripped {
			return nil
		}
		if len(open.rows) > 1 {
			merged += int64(len(open.rows))
		} else {
			stripped++
		}
		return open.replace(tx)
	}
	for _, key := range keys {
		var text []byte
		if err := tx.QueryRow("SELECT record FROM spans WHERE rowid = ?", key).Scan(&text); err != nil {
			return err
		}
		s := new(evidence.Span)
		if err := json.Unmarshal(text, s); err != nil {
			return fmt.Errorf("a stored span: %w", err)
		}
		hadSamples := s.RemoveSamples()
		if open == nil || !open.takes(s, period) {
			if err := flush(); err != nil {
				return err
			}
			open = &group{}
		}
		open.sum.Merge(s)
		open.rows = append(open.rows, key)
		open.stripped = open.stripped || hadSamples
	}
	if err := flush(); err != nil {
		return err
	}
	for what, n := range map[string]int64{"samples": stripped, "spans": merged} {
		if n == 0 {
			continue
		}
		if _, err := tx.Exec("INSERT INTO removals (at, what, before, rows) VALUES (?, ?, ?, ?)", now.UnixMilli(), what, before.UnixMilli(), n); err != nil {
			return err
		}
	}
	return nil
}

// takes reports whether a span may become one with the group: it follows it, is of the same
// process and period, and no interruption is between them.
func (g *group) takes(s *evidence.Span, period time.Duration) bool {
	of := &g.sum
	_, interrupts := s.Interrupts()
	return period > 0 && of.Run == s.Run && of.Task == s.Task && of.Incarnation == s.Incarnation && of.To == s.From &&
		of.IsHole() == s.IsHole() && (!interrupts || s.IsHole()) && of.Wall[1].Truncate(period).Equal(s.Wall[1].Truncate(period))
}

// replace stores the group as one span instead of its own.
func (g *group) replace(tx *sql.Tx) error {
	for _, row := range g.rows {
		if _, err := tx.Exec("DELETE FROM spans WHERE rowid = ?", row); err != nil {
			return err
		}
	}
	_, err := insert(tx, &g.sum)
	return err
}
