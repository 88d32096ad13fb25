package codec_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// delimiterNamed reads a golden's delimiter.
func delimiterNamed(name string) string {
	switch name {
	case "TAB":
		return "\t"
	case "SPACE":
		return " "
	}
	return name
}

func delimitedSource(delimiter string, columns ...row.Column) *row.Source {
	s := source(columns...)
	s.Format, s.Delimiter, s.KeyDelimiter = row.FormatDelimited, delimiter, delimiter
	return s
}

func TestDelimitedValuesAreALineOfFields(t *testing.T) {
	golden(t, "delimited.txt", func(given, _ string) string {
		name, quoted, _ := strings.Cut(given, " ")
		value, err := strconv.Unquote(strings.TrimLeft(quoted, " "))
		if err != nil {
			t.Fatal(given, err)
		}
		src := delimitedSource(delimiterNamed(name), row.Column{Name: "A", Type: row.Of(row.Int)}, row.Column{Name: "B", Type: row.Of(row.String)},
			row.Column{Name: "C", Type: row.DecimalType(10, 2)}, row.Column{Name: "SKIPPED", Type: row.Of(row.Int)})
		src.Needed[3] = false
		table, rec := row.NewTable(src, 1), row.Record{Value: []byte(value)}
		newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
		return decoded(&rec, table)
	})
}

func TestDelimitedValuesAreWritten(t *testing.T) {
	golden(t, "delimited_out.txt", func(given, _ string) string {
		fields := strings.Fields(given)
		sink, change := &row.Sink{Format: row.FormatDelimited, Delimiter: delimiterNamed(fields[0])}, &row.Change{}
		for i, field := range fields[1:] {
			name, text, _ := strings.Cut(field, "=")
			src := source(row.Column{Name: "C", Type: typeOf(t, name)})
			table, rec := row.NewTable(src, 1), row.Record{Value: []byte(`{"c":` + text + `}`)}
			if newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table); rec.Err != nil {
				t.Fatal(field, rec.Err)
			}
			sink.Values = append(sink.Values, row.Column{Name: "C" + strconv.Itoa(i), Type: src.Columns[0].Type})
			change.Values = append(change.Values, table.Columns[0].Value(0))
		}
		b := newEncoder(t, sink).AppendValue(nil, change)
		readBack(t, sink, change, b)
		return strings.ReplaceAll(strconv.Quote(string(b)), "\\u0000", "\\x00")
	})
}

// readBack decodes the encoded form of a change with the sink's own format.
func readBack(t fataler, sink *row.Sink, change *row.Change, b []byte) {
	src := delimitedSource(sink.Delimiter, sink.Values...)
	table, rec := row.NewTable(src, 1), row.Record{Value: b}
	if newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table); rec.Err != nil {
		t.Fatalf("%q: %v", b, rec.Err)
	}
	for i, want := range change.Values {
		if got := table.Columns[i].Value(0); !row.Equal(got, want) {
			t.Fatalf("%q: column %d is %v, want %v", b, i, got, want)
		}
	}
}

// A query's output is read back unchanged by another query, for every delimiter.
func TestDelimitedReadsBackWhatItWrote(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune{'a', '0', '-', '.', '"', ',', ';', '\t', ' ', '\n', '\r', '☺', '☹', 'é', 0, '\\'}))
	rapid.Check(t, func(t *rapid.T) {
		sink := &row.Sink{Format: row.FormatDelimited, Delimiter: rapid.SampledFrom([]string{",", ";", "\t", " ", "-", "0", ".", "☺", "a", "N", "\\"}).Draw(t, "delimiter")}
		change := &row.Change{}
		add := func(typ row.Type, v row.Value) {
			if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
				v = row.Value{}
			}
			sink.Values, change.Values = append(sink.Values, row.Column{Name: "C", Type: typ}), append(change.Values, v)
		}
		for range rapid.IntRange(1, 5).Draw(t, "columns") {
			switch rapid.IntRange(0, 7).Draw(t, "type") {
			case 0:
				add(row.Of(row.String), row.NewString(text.Draw(t, "text")))
			case 1:
				add(row.Of(row.Bigint), row.NewBigint(rapid.Int64().Draw(t, "number")))
			case 2:
				add(row.Of(row.Double), row.NewDouble(rapid.Float64().Draw(t, "double")))
			case 3:
				add(row.Of(row.Bytes), row.NewBytes([]byte(text.Draw(t, "bytes"))))
			case 4:
				add(row.DecimalType(18, 4), row.NewDecimal(numeric.Int128Of(rapid.Int64Range(-1e17, 1e17).Draw(t, "decimal")), 4))
			case 5: // the years 0000 to 9999, which have an ISO 8601 text
				add(row.Of(row.Date), row.NewIntegral(row.Date, rapid.Int64Range(-719_528, 2_932_896).Draw(t, "date")))
			case 6:
				add(row.Of(row.Time), row.NewIntegral(row.Time, rapid.Int64Range(0, row.MillisPerDay-1).Draw(t, "time")))
			case 7:
				add(row.Of(row.Timestamp), row.NewTimestamp(rapid.Int64().Draw(t, "timestamp")>>rapid.IntRange(0, 60).Draw(t, "shift")))
			}
		}
		readBack(t, sink, change, newEncoder(t, sink).AppendValue(nil, change))
	})
}

func TestReadingDelimitedAllocatesNothing(t *testing.T) {
	src := delimitedSource(",", row.Column{Name: "SYMBOL", Type: row.Of(row.String)}, row.Column{Name: "PRICE", Type: row.DecimalType(10, 2)},
		row.Column{Name: "QUANTITY", Type: row.Of(row.Bigint)}, row.Column{Name: "TS", Type: row.Of(row.Timestamp)}, row.Column{Name: "RATIO", Type: row.Of(row.Double)})
	src.Timestamp = 3
	d := newDecoder(t, src, 0, codec.DecodeOptions{})
	const runs = 1000
	table := row.NewTable(src, runs+10)
	rec := row.Record{Value: []byte(`"AAPL",187.25,100,1700000000000,0.25`)}
	if got := testing.AllocsPerRun(runs, func() { d.Decode(&rec, table) }); got != 0 || rec.State != row.Decoded {
		t.Errorf("%v allocations a record, error %v", got, rec.Err)
	}
}
