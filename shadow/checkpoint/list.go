package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Found is a checkpoint of a storage.
type Found struct {
	ID ID
	// Manifest is nil if it cannot be read.
	Manifest *Manifest
	// Err is why the checkpoint is not whole, nil if it is. It names the file.
	Err error
}

// List returns the checkpoints of a storage, the newest first, and checks each: it reads
// every file. It may run while a job writes checkpoints; one that the job deletes meanwhile
// is left out.
func List(s Storage) ([]Found, error) {
	ids, err := manifests(s)
	if err != nil {
		return nil, err
	}
	var found []Found
	for _, id := range ids {
		f := load(s, id)
		if errors.Is(f.Err, fs.ErrNotExist) {
			if all, err := s.List(id.Manifest()); err == nil && len(all) == 0 {
				continue
			}
		}
		found = append(found, f)
	}
	return found, nil
}

// manifests returns the checkpoints that have a manifest, the newest first.
func manifests(s Storage) ([]ID, error) {
	all, err := s.List("")
	if err != nil {
		return nil, err
	}
	var ids []ID
	for _, o := range all {
		if id, isManifest, ok := parseName(o.Name); ok && isManifest {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids)
	return ids, nil
}

// load reads a manifest and checks its files.
func load(s Storage, id ID) Found {
	m, err := manifestOf(s, id)
	if err == nil {
		err = verify(s, m)
	}
	return Found{id, m, err}
}

// manifestOf reads the manifest of a checkpoint; the error names it.
func manifestOf(s Storage, id ID) (*Manifest, error) {
	r, err := s.Get(id.Manifest())
	if err == nil {
		defer r.Close()
		var m *Manifest
		if m, err = readManifest(r, id); err == nil {
			return m, nil
		}
	}
	return nil, fmt.Errorf("manifest %s: %w", locationOf(s, id.Manifest()), err)
}
