package checkpoint

import "errors"

// sweep deletes the files of checkpoints that were not finished or were being deleted: those
// whose manifest is missing, and temporary files. Files of others stay.
func sweep(s Storage) error {
	all, err := s.List("")
	if err != nil {
		return err
	}
	hasManifest := map[ID]bool{}
	for _, o := range all {
		if id, isManifest, ok := parseName(o.Name); ok && isManifest {
			hasManifest[id] = true
		}
	}
	var failed error
	for _, o := range all {
		if id, _, ok := parseName(o.Name); ok && (!hasManifest[id] || isTemporary(o.Name)) {
			failed = errors.Join(failed, s.Delete(o.Name))
		}
	}
	return failed
}

// Forget deletes all checkpoints. None may be in flight.
func (w *Writer) Forget() error {
	w.parent, w.size = "", 0
	return remove(w.storage, func(ID) bool { return true })
}

// prune deletes checkpoints that are not needed any more now that newest is published: all
// but the keep newest of its generation, and those of earlier generations. The latter stay
// until the new generation has processed a batch: before, the group's offsets are still of
// the earlier one. Those that isHeld reports stay as well.
func prune(s Storage, newest *Manifest, keep int, isHeld func(ID) bool) error {
	kept := 0
	return remove(s, func(id ID) bool {
		if isHeld(id) {
			return false
		}
		if id.Generation == newest.Generation {
			kept++
			return kept > keep
		}
		return id.Generation < newest.Generation && newest.Place.Batch > 0
	})
}

// remove deletes the checkpoints that are not needed. It asks for the newest first.
func remove(s Storage, isUnneeded func(ID) bool) error {
	ids, err := manifests(s)
	if err != nil {
		return err
	}
	for _, id := range ids {
		// The manifest first: a checkpoint without all its files must not be chosen.
		if isUnneeded(id) {
			if err := s.Delete(id.Manifest()); err != nil {
				return err
			}
		}
	}
	return sweep(s)
}
