package codec_test

import (
	"fmt"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// manyKinds is a source with a column of every kind that JSON decodes to.
func manyKinds() *row.Source {
	return source(
		row.Column{Name: "B", Type: row.Of(row.Boolean)},
		row.Column{Name: "I", Type: row.Of(row.Int)},
		row.Column{Name: "N", Type: row.Of(row.Bigint)},
		row.Column{Name: "D", Type: row.Of(row.Double)},
		row.Column{Name: "C", Type: row.DecimalType(6, 2)},
		row.Column{Name: "S", Type: row.Of(row.String)},
		row.Column{Name: "T", Type: row.Of(row.Timestamp)},
	)
}

// told shows all that a decoder makes of a value.
func told(d *codec.Decoder, src *row.Source, value []byte) string {
	table, rec := row.NewTable(src, 1), row.Record{Value: value}
	d.Decode(&rec, table)
	text := fmt.Sprint(rec.State, rec.Err, rec.EventTime, table.Len())
	if rec.State == row.Decoded {
		for _, c := range table.Columns {
			text += fmt.Sprintf("|%v %v", c.Value(0).Kind(), c.Value(0))
		}
	}
	return text
}

// teachers are records from which layouts are learnt.
var teachers = []string{
	`{"b":true,"i":-12,"n":123456789012,"d":1.5,"c":12.30,"s":"plain","t":1700000000123,"x":17,"y":"pass","z":[1,{"a":"]"}]}`,
	`{ "y" : "pass" , "s" : "" , "n" : 1 , "i" : 100000000 }`,
	`{"s":"a rather long text, of more than eight bytes","t":"2023-11-14T22:13:20Z","b":"false","c":0.5,"x":-1.25}`,
	`{"n":999999999999999999,"c":9999.99,"d":"NaN","i":2147483647,"t":0}`,
	`{"x":{"deep":[]},"c":-3,"S":"folded"}`,
	`{"n":0}`,
	`{}`,
}

// TestWhatWasLearntNeverChangesAnAnswer edits each teacher at each byte in every
// way that might matter, and decodes what comes of it with a decoder that has
// just learnt the teacher and with one that has seen nothing.
func TestWhatWasLearntNeverChangesAnAnswer(t *testing.T) {
	src := manyKinds()
	tried := 0
	compare := func(teacher string, value []byte) {
		taught := codec.NewDecoder(src, 0, codec.DecodeOptions{})
		told(taught, src, []byte(teacher))
		got := told(taught, src, value)
		if want := told(codec.NewDecoder(src, 0, codec.DecodeOptions{}), src, value); got != want {
			t.Errorf("after %s\n  %q\n  is   %s\n  want %s", teacher, value, got, want)
		}
		tried++
	}
	edits := []string{"", "0", "1", "9", "-", "+", ".", "e", "E", `"`, `\`, ",", ":", "}", "{", "]", "[", " ", "\n", "\x00", "\x7f", "\xff", "é", "null", "00000000", "1234567890123456789"}
	for _, teacher := range teachers {
		for i := range len(teacher) + 1 {
			for _, edit := range edits {
				compare(teacher, []byte(teacher[:i]+edit+teacher[i:]))
				if i < len(teacher) {
					compare(teacher, []byte(teacher[:i]+edit+teacher[i+1:]))
				}
			}
			compare(teacher, []byte(teacher[:i]))
		}
		for _, other := range teachers {
			compare(teacher, []byte(other))
		}
	}
	if tried < 10_000 {
		t.Errorf("only %d records were tried", tried)
	}
}

// FuzzLearnt is the same for whatever a fuzzer finds.
func FuzzLearnt(f *testing.F) {
	for i, teacher := range teachers {
		f.Add([]byte(teacher), []byte(teachers[(i+1)%len(teachers)]))
		f.Add([]byte(teacher), []byte(teacher))
	}
	src := manyKinds()
	f.Fuzz(func(t *testing.T, teacher, value []byte) {
		taught := codec.NewDecoder(src, 0, codec.DecodeOptions{})
		told(taught, src, teacher)
		got := told(taught, src, value)
		if want := told(codec.NewDecoder(src, 0, codec.DecodeOptions{}), src, value); got != want {
			t.Fatalf("after %q\n  %q\n  is   %s\n  want %s", teacher, value, got, want)
		}
	})
}

// TestALearntLayoutIsUsed would fail if layouts were learnt and never matched:
// the fast way copies no text.
func TestALearntLayoutIsUsed(t *testing.T) {
	src := manyKinds()
	d := codec.NewDecoder(src, 0, codec.DecodeOptions{})
	for _, teacher := range teachers[:3] {
		value := []byte(teacher)
		told(d, src, value) // learns, or uses up its patience
		told(d, src, value)
		told(d, src, value)
		table, rec := row.NewTable(src, 128), row.Record{Value: value}
		d.Decode(&rec, table)
		if allocs := testing.AllocsPerRun(100, func() { d.Decode(&rec, table) }); allocs != 0 {
			t.Errorf("%s: %v allocations a record", teacher, allocs)
		}
	}
}
