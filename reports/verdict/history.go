package verdict

import (
	"errors"

	"parallax/reports/store"
)

// Store adds the verdict to the history in a job's evidence directory.
func (d Document) Store(dir, job string) (err error) {
	h, err := store.OpenHistory(dir, job)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return d.AddTo(h)
}

// AddTo adds the verdict to a history.
func (d Document) AddTo(h *store.History) error {
	line, err := d.JSON()
	if err != nil {
		return err
	}
	row := store.VerdictRow{ID: d.ID, Run: d.Run, Made: d.MadeAt, State: string(d.Verdict), Document: line}
	if d.Expires != nil {
		row.Expires = *d.Expires
	}
	return h.AddVerdict(row)
}
