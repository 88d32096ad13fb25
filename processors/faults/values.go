package faults

import (
	"slices"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Faults of values: the rows are there, and what is in them is not V1's.

// edit changes values of rows, of which it makes copies: rows may share theirs.
func edit(change func(row.Value) row.Value) after {
	return func(rows []row.Change) []row.Change {
		for i := range rows {
			c := &rows[i]
			if c.Deleted() {
				continue
			}
			c.Values = slices.Clone(c.Values)
			for k, v := range c.Values {
				c.Values[k] = change(v)
			}
		}
		return rows
	}
}

// intAsFloat sends integers through a double.
func intAsFloat() after {
	return edit(func(v row.Value) row.Value {
		if v.Kind() == row.Bigint {
			return row.NewDouble(float64(v.Int64()))
		}
		return v
	})
}

// scale writes decimals with two more digits after the point than they have.
func scale() after {
	return edit(func(v row.Value) row.Value {
		if v.Kind() != row.Decimal {
			return v
		}
		d, digits := v.Decimal()
		if wider, ok := numeric.DecimalRescale(d, digits, digits+2); ok {
			return row.NewDecimal(wider, digits+2)
		}
		return v
	})
}

// nullKey takes NULL in a key for the text NULL.
func nullKey() after {
	return func(rows []row.Change) []row.Change {
		for i := range rows {
			c := &rows[i]
			c.Key = slices.Clone(c.Key)
			for k, v := range c.Key {
				if v.IsNull() {
					c.Key[k] = row.NewString("NULL")
				}
			}
		}
		return rows
	}
}

// impossibleValue emits the last row of each identity in a batch, torn: its last
// column is still that of the row before.
func impossibleValue() after {
	return func(rows []row.Change) []row.Change {
		last := map[string]int{}
		torn := make([]row.Change, 0, len(rows))
		for i := range rows {
			c := rows[i]
			id := identity(&c)
			if before, seen := last[id]; seen && !c.Deleted() && !rows[before].Deleted() {
				c.Values = slices.Clone(c.Values)
				n := len(c.Values) - 1
				c.Values[n] = rows[before].Values[n]
			}
			last[id] = i
			torn = append(torn, c)
		}
		var out []row.Change
		for i := range torn {
			if last[identity(&torn[i])] == i {
				out = append(out, torn[i])
			}
		}
		return out
	}
}

// tombstoneLost emits no deletion.
func tombstoneLost() after {
	return func(rows []row.Change) []row.Change {
		return slices.DeleteFunc(rows, func(c row.Change) bool { return c.Deleted() })
	}
}
