package codec

import (
	"strings"
	"testing"

	"parallax/processors/row"
)

func TestAnArrayIsDecodedWithoutAnAllocationForEachElement(t *testing.T) {
	for _, kind := range []row.Kind{row.Int, row.Bigint, row.Double} {
		elem := row.Of(kind)
		src := &row.Source{
			Columns: []row.Column{{Name: "LIST", Type: row.Type{Kind: row.Array, Elem: &elem}}},
			Key:     []bool{false}, Needed: []bool{true}, Timestamp: -1, Format: row.FormatJSON,
		}
		d, err := NewDecoder(t.Context(), src, 0, DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		table := row.NewTable(src, 1)
		rec := row.Record{Value: []byte(`{"list":[` + strings.Repeat("1,", 9_999) + "1]}")}
		allocs := testing.AllocsPerRun(10, func() {
			table.Reset()
			if err := d.Decode(t.Context(), &rec, table); err != nil {
				t.Fatal(err)
			}
		})
		if n := len(table.Columns[0].Value(0).Elements()); rec.State != row.Decoded || n != 10_000 {
			t.Fatalf("%s: %v, %d elements", kind, rec.Err, n)
		}
		if allocs > 20 {
			t.Errorf("%s: %v allocations for 10,000 elements", kind, allocs)
		}
	}
}
