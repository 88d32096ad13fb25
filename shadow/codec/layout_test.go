package codec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

var bigint = row.Of(row.Bigint)

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
		row.Column{Name: "DAY", Type: row.Of(row.Date)},
		row.Column{Name: "RAW", Type: row.Of(row.Bytes)},
		row.Column{Name: "LIST", Type: row.Type{Kind: row.Array, Elem: &bigint}},
	)
}

// decodedText formats the complete result of a decoder for a value.
func decodedText(d testDecoder, src *row.Source, value []byte) string {
	table, rec := row.NewTable(src, 1), row.Record{Value: value}
	d.Decode(&rec, table)
	return fmt.Sprint(table.Len(), " ", recordText(&rec, table))
}

// recordText formats the result for a record.
func recordText(rec *row.Record, table *row.Table) string {
	text := fmt.Sprint(rec.State, rec.Err, rec.EventTime, rec.Source)
	if rec.State != row.Undecodable {
		for _, c := range table.Columns {
			text += fmt.Sprintf("|%v %v", c.Value(int(rec.Row)).Kind(), c.Value(int(rec.Row)))
		}
	}
	return text
}

// many decodes records at once, after existing rows, and compares each result with the one
// of a new decoder that decodes the record alone.
func many(t *testing.T, d testDecoder, src *row.Source, records []row.Record) {
	t.Helper()
	const before = 3
	table := row.NewTable(src, 0)
	for range before {
		table.EndRow()
	}
	d.DecodeAll(records, table)
	rows := before
	for i := range records {
		rec := &records[i]
		alone, one := row.Record{Timestamp: rec.Timestamp, Key: rec.Key, Value: rec.Value}, row.NewTable(src, 1)
		newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&alone, one)
		if got, want := recordText(rec, table), recordText(&alone, one); got != want {
			t.Fatalf("record %d of %d, key %q, value %q\n  is   %s\n  want %s", i, len(records), rec.Key, rec.Value, got, want)
		}
		switch {
		case rec.State == row.Undecodable && rec.Row != -1:
			t.Fatalf("record %d is undecodable, and has row %d", i, rec.Row)
		case rec.State != row.Undecodable && rec.Row != int32(rows):
			t.Fatalf("record %d has row %d, want %d", i, rec.Row, rows)
		case rec.State != row.Undecodable:
			rows++
		}
	}
	if table.Len() != rows {
		t.Fatalf("the table has %d rows, want %d", table.Len(), rows)
	}
}

// teachers are records from which layouts are learnt.
var teachers = []string{
	`{"b":true,"i":-12,"n":123456789012,"d":1.5,"c":12.30,"s":"plain","t":1700000000123,"x":17,"y":"pass","z":[1,{"a":"]"}]}`,
	`{"S":"exact","s":"not","n":1,"N":22,"n":333,"X":"p","x":"q","i":1,"I":-2147483648,"c":"no number","C":1.25}`,
	`{ "y" : "pass" , "s" : "" , "n" : 1 , "i" : 100000000 }`,
	`{"s":"a rather long text, of more than eight bytes","t":"2023-11-14T22:13:20Z","b":"false","c":0.5,"x":-1.25}`,
	`{"n":999999999999999999,"c":9999.99,"d":"NaN","i":2147483647,"t":0}`,
	`{"x":{"deep":[]},"c":-3,"S":"folded"}`,
	`{"day":19000,"raw":"AQI=","list":[1,null,3],"s":"é"}`,
	`{"list":null,"day":"2023-11-14","n":12345678901234567}`,
	`{"n":0}`,
	`{}`,
}

// TestWhatWasLearntNeverChangesAnAnswer modifies each teacher at each byte in every
// relevant way, and decodes the result with a decoder that has just learnt the teacher and
// with a new one.
func TestWhatWasLearntNeverChangesAnAnswer(t *testing.T) {
	src := manyKinds()
	tried := 0
	compare := func(teacher string, value []byte) {
		taught := newDecoder(t, src, 0, codec.DecodeOptions{})
		decodedText(taught, src, []byte(teacher))
		got := decodedText(taught, src, value)
		if want := decodedText(newDecoder(t, src, 0, codec.DecodeOptions{}), src, value); got != want {
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

// FuzzLearnt does the same for fuzzed records.
func FuzzLearnt(f *testing.F) {
	for i, teacher := range teachers {
		f.Add([]byte(teacher), []byte(teachers[(i+1)%len(teachers)]))
		f.Add([]byte(teacher), []byte(teacher))
	}
	src := manyKinds()
	f.Fuzz(func(t *testing.T, teacher, value []byte) {
		taught := newDecoder(t, src, 0, codec.DecodeOptions{})
		decodedText(taught, src, teacher)
		got := decodedText(taught, src, value)
		if want := decodedText(newDecoder(t, src, 0, codec.DecodeOptions{}), src, value); got != want {
			t.Fatalf("after %q\n  %q\n  is   %s\n  want %s", teacher, value, got, want)
		}
		// Among others, as a value and as a key.
		var records []row.Record
		for _, b := range [][]byte{teacher, teacher, value, teacher, nil, teacher, value, value} {
			records = append(records, row.Record{Value: b, Key: b})
		}
		many(t, taught, src, records)
		many(t, newDecoder(t, src, 0, codec.DecodeOptions{}), src, records)
		keyed := manyKinds()
		keyed.KeyFormat, keyed.Timestamp = row.FormatJSON, 6
		keyed.Key[1], keyed.Key[5] = true, true
		many(t, newDecoder(t, keyed, 0, codec.DecodeOptions{}), keyed, records)
	})
}

// TestManyRecordsAreDecodedAsEachAlone mixes records that fit, records of other layouts,
// values of other kinds, broken ones and null values, in runs of any length.
func TestManyRecordsAreDecodedAsEachAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	value := func() []byte {
		scalars := []string{"1", "-1", "0", "00", "17", "1234567", "12345678", "123456789012", "1e2", "0.5", "12.34", "1234.5", "99999.99", "null", "true", `"x"`, "", "9223372036854775808"}
		texts := []string{"", "short", "seven77", "eight888", "fifteen bytes..", "sixteen bytes...", "a text of a lot more bytes", `q\"uote`, "é", "\x01", `\u00e9`, `end\`}
		s := func() string { return scalars[rng.IntN(len(scalars))] }
		t := func() string { return texts[rng.IntN(len(texts))] }
		if rng.IntN(3) > 0 { // a plain record
			s = func() string { return fmt.Sprint(rng.IntN(1 << (1 + rng.IntN(30)))) }
			t = func() string { return texts[rng.IntN(7)] }
		}
		b := fmt.Appendf(nil, `{"b":true,"i":%s,"skipped_by_every_query":%s,"n":%s,"d":%s,"c":%s,"other":"%s","s":"%s","t":%s,"day":%s,"list":[%s]}`,
			s(), s(), s(), s(), s(), t(), t(), s(), s(), s())
		switch rng.IntN(40) {
		case 0:
			return b[:rng.IntN(len(b))]
		case 1:
			return []byte(teachers[rng.IntN(len(teachers))])
		case 2:
			return nil
		case 3:
			return append(b, ' ')
		}
		return b
	}
	key := func() []byte {
		return [][]byte{[]byte(`{"I":1,"S":"k"}`), []byte(` {"I":-2,"S":"k\"}`), []byte(`{"I":12,"S":"key"}`), []byte(`{"I":123456,"S":"another"}`), nil, []byte("x")}[rng.IntN(6)]
	}
	plain, timed, keyed := manyKinds(), manyKinds(), manyKinds()
	timed.Timestamp = 6
	keyed.KeyFormat = row.FormatJSON
	keyed.Key[1], keyed.Key[5] = true, true
	for range 40 {
		for _, src := range []*row.Source{plain, timed, keyed} {
			d := newDecoder(t, src, 0, codec.DecodeOptions{})
			for range 3 {
				records := make([]row.Record, rng.IntN(150))
				for i := range records {
					records[i] = row.Record{Key: key(), Value: value(), Timestamp: rng.Int64N(100) - 1}
				}
				many(t, d, src, records)
			}
		}
	}
}

// TestALearntLayoutIsUsed would fail if layouts were learnt and never matched:
// the fast way copies no text.
func TestALearntLayoutIsUsed(t *testing.T) {
	src := manyKinds()
	d := newDecoder(t, src, 0, codec.DecodeOptions{})
	for _, teacher := range teachers[:4] {
		value := []byte(teacher)
		decodedText(d, src, value) // it learns, or uses up its patience
		decodedText(d, src, value)
		decodedText(d, src, value)
		table, rec := row.NewTable(src, 128), row.Record{Value: value}
		d.Decode(&rec, table)
		if allocs := testing.AllocsPerRun(100, func() { d.Decode(&rec, table) }); allocs != 0 {
			t.Errorf("%s: %v allocations a record", teacher, allocs)
		}
	}
}
