package exec

import (
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
func (j *join) snapshot() []state.Entry {
	var keys []*row.Key[joinKey]
	j.kept.byKey.All(func(k *row.Key[joinKey]) {
		if !k.Data.empty() {
			keys = append(keys, k)
		}
	})
	slices.SortFunc(keys, func(a, b *row.Key[joinKey]) int { return row.CompareKeys(a.Values, b.Values) })
	var entries []state.Entry
	for _, k := range keys {
		saved := joinEntry{key: k.Values}
		for side := range saved.rows {
			for _, r := range k.Data.rows[side].list() {
				own := *r
				own.values = slices.Clone(r.values)
				saved.rows[side] = append(saved.rows[side], own)
			}
		}
		entries = append(entries, state.Entry{Hash: k.Hash, Partition: k.Data.partition, State: saved})
	}
	return entries
}

func (j *join) restore(entries []state.Entry) {
	j.kept = keptRows{sides: j.kept.sides}
	for _, e := range entries {
		saved := e.State.(joinEntry)
		k := j.kept.add(row.Hash(saved.key), saved.key, e.Partition)
		for side, rows := range saved.rows {
			for i := range rows {
				j.kept.keep(k, side, &rows[i])
			}
		}
	}
}
