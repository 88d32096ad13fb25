package row

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
)

// TestRecordsHashAsTheirTuplesDo: the router hashes columns and state hashes values, so
// both must give the same hash.
func TestRecordsHashAsTheirTuplesDo(t *testing.T) {
	types := []Type{{Kind: String}, {Kind: Bigint}, {Kind: Double}, {Kind: Decimal, Precision: 10, Scale: 2}, {Kind: Boolean}, {Kind: Timestamp}}
	rapid.Check(t, func(t *rapid.T) {
		src := &Source{Topic: "t", Timestamp: -1}
		for range rapid.IntRange(1, 6).Draw(t, "columns") {
			src.Columns = append(src.Columns, Column{Name: "C", Type: rapid.SampledFrom(types).Draw(t, "type")})
			src.Needed, src.Key = append(src.Needed, true), append(src.Key, false)
		}
		table := NewTable(src, 4)
		var records []Record
		for range rapid.IntRange(0, 20).Draw(t, "records") {
			r := Record{Source: int32(rapid.IntRange(0, 1).Draw(t, "source")), Row: -1}
			if rapid.IntRange(0, 4).Draw(t, "bad") == 0 {
				r.State = Undecodable
			} else if r.Source == 0 {
				for _, c := range table.Columns {
					fill(t, c)
				}
				r.Row = int32(table.EndRow())
			}
			records = append(records, r)
		}
		b := NewBatch(0, 0, records, []*Table{table, nil})
		columns := rapid.SliceOfN(rapid.IntRange(0, len(src.Columns)-1), 0, 6).Draw(t, "key")
		const untouched = 4711
		got := make([]uint64, b.Len())
		for i := range got {
			got[i] = untouched
		}
		HashRecords(got, b, 0, columns)
		HashRecords(got, b, 1, columns) // the batch has no table for this source
		for i := range b.Len() {
			want := uint64(untouched)
			if r := b.Record(i); r.Source == 0 && r.State != Undecodable {
				var key []Value
				for _, c := range columns {
					key = append(key, table.Columns[c].Value(int(r.Row)))
				}
				want = Hash(key)
			}
			if got[i] != want {
				t.Fatalf("record %d hashes to %x, its tuple to %x", i, got[i], want)
			}
		}
	})
}

func fill(t *rapid.T, c *Vector) {
	switch n := rapid.Int64().Draw(t, "value"); {
	case n%5 == 0:
		c.AppendNull()
	case c.Type.Kind == String:
		c.AppendStr(rapid.StringN(0, 20, 40).Draw(t, "text"))
	case c.Type.Kind == Double:
		c.AppendFloat64(rapid.SampledFrom([]float64{0, 1.5, -7, float64(n)}).Draw(t, "double"))
	case c.Type.Kind == Decimal:
		c.AppendInt128(numeric.Int128{Hi: n >> 63, Lo: uint64(n)})
	case c.Type.Kind == Boolean:
		c.AppendInt64(n & 1)
	default:
		c.AppendInt64(n)
	}
}
