package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"parallax/shadow/checkpoint"
)

// Path is the path of a job's database below the evidence directory.
func Path(dir, job string) string { return filepath.Join(checkpoint.JobPath(dir, job), "evidence.db") }

// KeyPath is the path of the key of evidence.redact, beside the database. A copy of the database
// is of use without it.
func KeyPath(dir, job string) string {
	return filepath.Join(checkpoint.JobPath(dir, job), "redaction.key")
}

// busyTimeout is how long a write waits for that of another process.
const busyTimeout = 5 * time.Second

// dsn is the data source name of a database.
func dsn(path, mode string, options ...string) string {
	q := url.Values{"mode": {mode}}
	for _, o := range append(options, fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())) {
		q.Add("_pragma", o)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// openWritable opens a job's database for writing, and creates it.
func openWritable(path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("evidence directory: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path, "rwc", "auto_vacuum(2)", "journal_mode(WAL)", "synchronous(NORMAL)", "journal_size_limit(16777216)", "foreign_keys(1)"))
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if err := migrate(db); err != nil {
		return nil, errors.Join(fmt.Errorf("evidence store %s: %w", path, err), db.Close())
	}
	return db, nil
}

// openReadable opens a database for reading beside a process that writes it. A database in a
// place where nothing can be written, such as a copy on a read-only disk, is read as it is.
func openReadable(path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no evidence store %s: run the job with evidence, or name its evidence.dir: %w", path, fs.ErrNotExist)
		}
		return nil, fmt.Errorf("evidence store: %w", err)
	}
	db, err := openAs(path, dsn(path, "ro", "query_only(1)"))
	if err == nil {
		return db, nil
	}
	var newer *NewerError
	if _, statErr := os.Stat(path + "-wal"); errors.As(err, &newer) || statErr == nil {
		return nil, err
	}
	if db, immutable := openAs(path, dsn(path, "ro", "query_only(1)")+"&immutable=1"); immutable == nil {
		return db, nil
	}
	return nil, err
}

// emptyError says that a file has no tables yet, as before the job stores its first evidence.
type emptyError struct{}

func (emptyError) Error() string {
	return "it has no evidence: the file is empty, or is not an evidence store; if it is a copy, copy it again"
}

// Is says that there is no run.
func (emptyError) Is(target error) bool { return target == ErrNoRun }

func openAs(path, name string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err == nil {
		var version int
		if version, err = versionOf(db); err == nil && version == 0 {
			err = emptyError{}
		}
		if err == nil {
			_, err = db.Exec("SELECT 1 FROM runs LIMIT 1")
		}
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", path, err)
	}
	return db, nil
}
