package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"parallax/shadow/stage"
)

// AddStageChange stores a change of stage. One of the same time, position and stage is stored
// once.
func (h *History) AddStageChange(c stage.Change) error {
	record, err := json.Marshal(c)
	if err != nil {
		return h.explain(err)
	}
	_, err = h.db.Exec("INSERT INTO stage_changes (at, position, from_stage, to_stage, who, record) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		c.At.UnixMilli(), c.Position, c.From.String(), c.To.String(), c.Who, string(record))
	return h.explain(err)
}

// StageChanges returns the changes of stage, the oldest first. A store that an older version of
// the program wrote has none.
func (r *Reader) StageChanges() (list []stage.Change, err error) {
	version, err := versionOf(r.db)
	if err != nil || version < stagesVersion {
		return nil, err
	}
	rows, err := r.db.Query("SELECT record FROM stage_changes ORDER BY at, rowid")
	if err != nil {
		return nil, fmt.Errorf("evidence store %s: %w", r.path, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var record []byte
		if err := rows.Scan(&record); err != nil {
			return nil, err
		}
		var c stage.Change
		if err := json.Unmarshal(record, &c); err != nil {
			return nil, fmt.Errorf("a stored change of stage: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// stagesVersion is the first version of the schema that has changes of stage.
const stagesVersion = 2
