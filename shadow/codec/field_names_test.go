package codec_test

import (
	"fmt"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Each column uses the field with its own name, or else the last field whose name differs
// only in case, independent of the other columns. The same is true in a STRUCT, for a
// record that is searched, for records with the learnt layout, and for any set of needed
// columns.
func TestEachColumnTakesItsFieldByItself(t *testing.T) {
	names := []string{"ab", "aB", "AB"}
	for _, c := range []struct{ text, want string }{
		{`{"Ab":4}`, "4 4 4"},
		{`{"ab":1}`, "1 1 1"},
		{`{"AB":3,"ab":1}`, "1 1 3"},
		{`{"ab":1,"AB":3}`, "1 3 3"},
		{`{"ab":null,"Ab":5}`, "NULL 5 5"},
		{`{"Ab":5,"ab":null}`, "NULL NULL NULL"},
		{`{"aB":2,"Ab":5,"aB":7}`, "7 7 7"},
		{`{"\u0061b":1,"x":9}`, "1 1 1"},
		{`{"x":9}`, "NULL NULL NULL"},
	} {
		t.Run(c.text, func(t *testing.T) {
			columns := make([]row.Column, len(names))
			for i, name := range names {
				columns[i] = row.Column{Name: name, Type: bigint}
			}
			src := source(columns...)
			d := newDecoder(t, src, 0, codec.DecodeOptions{})
			for n := range 3 { // searched, then learnt
				if got := shown(t, d, src, c.text); got != c.want {
					t.Errorf("record %d: %s, want %s", n, got, c.want)
				}
			}

			inner := source(row.Column{Name: "S", Type: row.Type{Kind: row.Struct, Fields: columns}})
			table, rec := row.NewTable(inner, 1), row.Record{Value: []byte(`{"s":` + c.text + `}`)}
			newDecoder(t, inner, 0, codec.DecodeOptions{}).Decode(&rec, table)
			got := ""
			for _, v := range table.Columns[0].Value(0).Elements() {
				got += " " + fmt.Sprint(v)
			}
			if got != " "+c.want {
				t.Errorf("in a STRUCT:%s, want %s", got, c.want)
			}

			for i, name := range names {
				alone := source(columns...)
				alone.Needed = make([]bool, len(names))
				alone.Needed[i] = true
				var first, second, third string
				fmt.Sscan(c.want, &first, &second, &third)
				want := []string{first, second, third}[i]
				if got := shown(t, newDecoder(t, alone, 0, codec.DecodeOptions{}), alone, c.text); got != want {
					t.Errorf("column %s needed alone: %s, want %s", name, got, want)
				}
			}
		})
	}
}

// A field that several columns of different types use is converted for each of them.
func TestAFieldIsConvertedForEachOfItsColumns(t *testing.T) {
	src := source(row.Column{Name: "ab", Type: row.Of(row.String)}, row.Column{Name: "AB", Type: bigint})
	d := newDecoder(t, src, 0, codec.DecodeOptions{})
	for _, c := range []struct{ text, want string }{{`{"Ab":4}`, "4 4"}, {`{"Ab":15}`, "15 15"}, {`{"Ab":null}`, "NULL NULL"}} {
		if got := shown(t, d, src, c.text); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	rec := row.Record{Value: []byte(`{"Ab":1.5}`)}
	if d.Decode(&rec, row.NewTable(src, 1)); rec.State != row.Undecodable {
		t.Errorf("a fraction is taken into a BIGINT: %v", rec.State)
	}
}

// shown is the needed columns of a value.
func shown(t *testing.T, d testDecoder, src *row.Source, value string) string {
	t.Helper()
	table, rec := row.NewTable(src, 1), row.Record{Value: []byte(value)}
	if d.Decode(&rec, table); rec.Err != nil {
		t.Fatal(rec.Err)
	}
	text := ""
	for i, c := range table.Columns {
		if src.Needed[i] {
			text += " " + fmt.Sprint(c.Value(0))
		}
	}
	return text[1:]
}
