package checkpoint

import (
	"context"
	"fmt"
	"io"

	"parallax/processors/state"
)

// Restore reads the state of a checkpoint. It checks what it reads: an error names file,
// stage, entry and byte.
func Restore(ctx context.Context, s Storage, m *Manifest, codecs []state.Codec) (*state.Snapshot, error) {
	if len(m.Stages) != len(codecs) {
		return nil, fmt.Errorf("checkpoint %s has %d stages, and the script %d", locationOf(s, m.ID.Manifest()), len(m.Stages), len(codecs))
	}
	snapshot := &state.Snapshot{Position: m.Place.Position, Watermark: m.Watermark, Relays: m.Relays, Queries: make([][]state.Entry, len(codecs))}
	for i := range m.Stages {
		err := open(s, i, &m.Stages[i], func(r io.Reader) error {
			return readStage(r, i, &m.Stages[i], codecs[i], func(e state.Entry) error {
				snapshot.Queries[i] = append(snapshot.Queries[i], e)
				return ctx.Err()
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return snapshot, nil
}

// verify reads the files of a checkpoint and compares them with its manifest. It does not
// decode them.
func verify(s Storage, m *Manifest) error {
	for i := range m.Stages {
		err := open(s, i, &m.Stages[i], func(r io.Reader) error {
			c := newChecked(r, &m.Stages[i])
			if _, err := io.Copy(io.Discard, c); err != nil {
				return err
			}
			return c.check()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// open lets read read the file of a stage.
func open(s Storage, stage int, f *StageFile, read func(io.Reader) error) error {
	r, err := s.Get(f.Name)
	if err == nil {
		err = read(r)
		r.Close()
	}
	if err != nil {
		return fmt.Errorf("stage %d: %s: %w", stage, locationOf(s, f.Name), err)
	}
	return nil
}
