package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// Another implementation of V2 may return rows that do not fit the sink.
func TestRowsOfAnotherSchemaAreShownAsSuch(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(c *row.Change)
		class diff.Class
		at    string
		v1    string
		v2    string
	}{
		{"a column fewer", func(c *row.Change) { c.Values = c.Values[:5] }, diff.Schema, "(columns)", "6", "5"},
		{"a column more", func(c *row.Change) { c.Values = append(c.Values[:6:6], row.NewBigint(1)) }, diff.Schema, "(columns)", "6", "7"},
		{"a column of another type", func(c *row.Change) { c.Values[4] = row.NewDouble(float64(c.Values[4].Int64())) }, diff.TypeClass, "VOLUME", "34 (BIGINT)", "34 (DOUBLE)"},
		{"a key column fewer", func(c *row.Change) { c.Key, c.Written = c.Key[:1], nil }, diff.KeyClass, "key", `TRADER_ID="TRADER02", SYMBOL="SYM000"`, `TRADER_ID="TRADER02"`},
		{"a key column more", func(c *row.Change) { c.Key, c.Written = append(c.Key[:2:2], row.NewBigint(1)), nil }, diff.KeyClass, "key", `TRADER_ID="TRADER02", SYMBOL="SYM000"`, `TRADER_ID="TRADER02", SYMBOL="SYM000", (column 3)=1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, two := tradeRows(4, 4, true)
			c.spoil(&two.Changes[2])
			d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
			d.Compare(one, two)
			found := only(t, d.Result())
			s, ok := found[c.class]
			if !ok || s.Count != 1 {
				t.Fatalf("found are %v, want one %s", found, c.class)
			}
			ex := s.Example
			if len(ex.Columns) != 1 || ex.Columns[0] != (diff.ColumnDiff{Name: c.at, V1: c.v1, V2: c.v2}) {
				t.Errorf("columns are %+v, want %s: %s and %s", ex.Columns, c.at, c.v1, c.v2)
			}
		})
	}
}
