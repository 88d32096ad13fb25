package store

import (
	"database/sql"
	"fmt"
)

// migrations lead from an empty database to the newest version, one after the other; the
// version of a database (user_version) is how many of them it has seen. A migration that was
// released is never changed.
//
// Positions are those of the input order; times are in ms since 1970, in UTC.
var migrations = []string{`
CREATE TABLE runs (
	run            TEXT PRIMARY KEY,
	job            TEXT NOT NULL,
	fingerprint    TEXT NOT NULL,
	v1             TEXT NOT NULL,
	v2             TEXT NOT NULL,
	rules          TEXT NOT NULL,
	redaction      TEXT NOT NULL,
	begun          INTEGER NOT NULL,
	first_position INTEGER NOT NULL
) STRICT;

CREATE TABLE spans (
	run           TEXT NOT NULL REFERENCES runs (run),
	task          TEXT NOT NULL,
	from_position INTEGER NOT NULL,
	to_position   INTEGER NOT NULL,
	wall_from     INTEGER NOT NULL,
	wall_to       INTEGER NOT NULL,
	merged        INTEGER NOT NULL,
	incarnation   TEXT NOT NULL,
	is_hole       INTEGER NOT NULL,
	record        TEXT NOT NULL, -- JSON, see docs/span.schema.json
	UNIQUE (run, task, from_position)
) STRICT;
CREATE INDEX spans_by_time ON spans (wall_to);

CREATE TABLE verdicts (
	id       TEXT NOT NULL,
	run      TEXT NOT NULL,
	made     INTEGER NOT NULL,
	state    TEXT NOT NULL,
	expires  INTEGER NOT NULL,
	document TEXT NOT NULL, -- JSON
	UNIQUE (id, made)
) STRICT;
CREATE INDEX verdicts_by_run ON verdicts (run, made);

CREATE TABLE reports (
	id          INTEGER PRIMARY KEY,
	window_from INTEGER NOT NULL,
	window_to   INTEGER NOT NULL,
	run         TEXT NOT NULL,
	verdict     TEXT NOT NULL,
	state       TEXT NOT NULL,
	made        INTEGER NOT NULL,
	document    TEXT NOT NULL, -- JSON
	UNIQUE (window_from, window_to)
) STRICT;

CREATE TABLE deliveries (
	report  INTEGER NOT NULL REFERENCES reports (id),
	channel TEXT NOT NULL,
	at      INTEGER NOT NULL,
	outcome TEXT NOT NULL, -- "delivered" or "failed"
	detail  TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_by_report ON deliveries (report, at);

CREATE TABLE removals (
	at     INTEGER NOT NULL,
	what   TEXT NOT NULL, -- "samples" or "spans"
	before INTEGER NOT NULL, -- the detail of spans that ended before then
	rows   INTEGER NOT NULL
) STRICT;
`, `
CREATE TABLE stage_changes (
	at         INTEGER NOT NULL,
	position   INTEGER NOT NULL,
	from_stage TEXT NOT NULL,
	to_stage   TEXT NOT NULL,
	who        TEXT NOT NULL,
	record     TEXT NOT NULL, -- JSON
	UNIQUE (at, position, to_stage)
) STRICT;
`}

// migrate brings a database to the newest version.
func migrate(db *sql.DB) error {
	version, err := versionOf(db)
	if err != nil {
		return err
	}
	if version == len(migrations) {
		return nil
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	for _, m := range migrations[version:] {
		if _, err := tx.Exec(m); err != nil {
			return fmt.Errorf("migrate the schema from version %d: %w", version, err)
		}
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

// NewerError says that a database was written by a newer version of the program.
type NewerError struct{ Version, Known int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("its schema has version %d, and this program knows versions up to %d: use a newer version of the program, or another evidence.dir", e.Version, e.Known)
}

func versionOf(db *sql.DB) (version int, err error) {
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return 0, err
	}
	if version > len(migrations) {
		return 0, &NewerError{version, len(migrations)}
	}
	return version, nil
}
