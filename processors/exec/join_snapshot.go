package exec

import (
	"iter"
	"slices"

	"parallax/processors/row"
	"parallax/processors/state"
)

// joinEntry is a key of a join outside an engine.
type joinEntry struct {
	key  []row.Value
	rows [2][]joinRow
}

// snapshot lists all keys that have rows, in order.
func (j *join) snapshot() []state.Entry { return j.kept.byKey.inOrder(joinEntries) }

func (j *join) freeze() iter.Seq[state.Entry] { return j.kept.byKey.freeze(joinEntries) }

// joinEntries copies a key, unless it has no rows.
func joinEntries(entries []state.Entry, k *row.Key[joinKey]) []state.Entry {
	if k.Data.empty() {
		return entries
	}
	saved := joinEntry{key: slices.Clone(k.Values)} // the key is used again when it is dropped
	for side := range saved.rows {
		for _, r := range k.Data.rows[side].list() {
			own := *r
			own.values = slices.Clone(r.values)
			saved.rows[side] = append(saved.rows[side], own)
		}
	}
	return append(entries, state.Entry{Hash: k.Hash, Partition: k.Data.partition, State: saved})
}

func (j *join) restore(entries []state.Entry) {
	j.kept = keptRows{sides: j.kept.sides}
	for _, e := range entries {
		saved := e.State.(joinEntry)
		k := j.kept.add(row.Hash(saved.key), saved.key)
		k.Data.partition = e.Partition
		for side, rows := range saved.rows {
			for i := range rows {
				j.kept.keep(k, side, &rows[i])
			}
		}
	}
}
