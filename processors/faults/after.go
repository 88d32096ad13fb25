package faults

import (
	"encoding/binary"
	"slices"

	"parallax/processors/row"
)

// Faults of order and number: what is wrong with the rows after merge. Each
// function makes the state that its fault keeps between batches.

// identity returns what successive rows of the same group have in common: query, window and key.
func identity(c *row.Change) string {
	b := binary.BigEndian.AppendUint16(nil, c.Query)
	b = binary.BigEndian.AppendUint64(b, uint64(c.WindowStart))
	b = binary.BigEndian.AppendUint64(b, uint64(c.WindowEnd))
	return string(row.AppendKey(b, c.Key...))
}

// duplicate doubles each row of one partition, that of the first row.
func duplicate() after {
	struck := int32(-1)
	return func(rows []row.Change) []row.Change {
		var out []row.Change
		for _, c := range rows {
			if struck < 0 {
				struck = c.Partition
			}
			if out = append(out, c); c.Partition == struck {
				out = append(out, c)
			}
		}
		return out
	}
}

// keyReorder swaps the first two different rows of one identity that it finds
// next to each other in that identity's history.
func keyReorder() after {
	return func(rows []row.Change) []row.Change {
		last := map[string]int{}
		for i := range rows {
			id := identity(&rows[i])
			if before, seen := last[id]; seen && !row.EqualRow(&rows[before], &rows[i]) {
				rows[before], rows[i] = rows[i], rows[before]
				break
			}
			last[id] = i
		}
		return rows
	}
}

// interleave strings the partitions' rows together, lowest partition first.
func interleave() after {
	return func(rows []row.Change) []row.Change {
		slices.SortStableFunc(rows, func(a, b row.Change) int { return int(a.Partition - b.Partition) })
		return rows
	}
}

// conflate keeps the last row of each identity.
func conflate() after {
	return func(rows []row.Change) []row.Change {
		last := map[string]int{}
		for i := range rows {
			last[identity(&rows[i])] = i
		}
		var out []row.Change
		for i := range rows {
			if last[identity(&rows[i])] == i {
				out = append(out, rows[i])
			}
		}
		return out
	}
}

// silent emits nothing.
func silent() after {
	return func([]row.Change) []row.Change { return nil }
}

// reemit follows each row with the present rows of the other groups of its
// window that the same partition holds, in key order, as made by the same
// record.
func reemit() after {
	type pane struct {
		query      uint16
		partition  int32
		start, end int64
	}
	held := map[pane][]row.Change{}
	return func(rows []row.Change) []row.Change {
		var out []row.Change
		for _, c := range rows {
			at := pane{c.Query, c.Partition, c.WindowStart, c.WindowEnd}
			groups := held[at]
			i, found := slices.BinarySearchFunc(groups, &c, func(g row.Change, c *row.Change) int { return row.CompareKeys(g.Key, c.Key) })
			switch {
			case found && c.Deleted():
				held[at] = slices.Delete(groups, i, i+1)
				out = append(out, c)
				continue
			case c.Deleted():
				out = append(out, c)
				continue
			case found:
				groups[i] = c
			default:
				groups = slices.Insert(groups, i, c)
			}
			held[at] = groups
			for _, g := range groups {
				again := c
				again.Key, again.Values, again.Timestamp = g.Key, g.Values, g.Timestamp
				out = append(out, again)
			}
		}
		return out
	}
}
