package codec_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// golden calls check for each line "given -> want" of a file.
func golden(t *testing.T, file string, check func(given, want string) (got string)) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, n, checked := bufio.NewScanner(f), 0, 0
	for in.Scan() {
		n++
		line := in.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		given, want, ok := strings.Cut(line, " -> ")
		if !ok {
			t.Fatalf("%s:%d: want \"given -> want\"", file, n)
		}
		given, want = strings.TrimRight(given, " "), strings.TrimSpace(want)
		checked++
		if got := check(given, want); got != want {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", file, n, given, got, want)
		}
	}
	if err := in.Err(); err != nil || checked == 0 {
		t.Fatalf("%s: %d lines checked, %v", file, checked, err)
	}
}

var types = map[string]row.Type{
	"BOOLEAN": row.Of(row.Boolean), "INT": row.Of(row.Int), "BIGINT": row.Of(row.Bigint), "DOUBLE": row.Of(row.Double),
	"STRING": row.Of(row.String), "TIMESTAMP": row.Of(row.Timestamp), "DATE": row.Of(row.Date), "TIME": row.Of(row.Time), "BYTES": row.Of(row.Bytes),
	"DECIMAL(10,2)": row.DecimalType(10, 2), "DECIMAL(38,0)": row.DecimalType(38, 0), "DECIMAL(38,38)": row.DecimalType(38, 38),
}

// typeOf reads a golden's type.
func typeOf(t *testing.T, name string) row.Type {
	t.Helper()
	typ, ok := types[name]
	if !ok {
		t.Fatalf("unknown type %q", name)
	}
	return typ
}

// source returns a source whose columns are all needed and come from the value.
func source(columns ...row.Column) *row.Source {
	s := &row.Source{Name: "S", Topic: "s", Timestamp: -1, Columns: columns, Key: make([]bool, len(columns)), Needed: make([]bool, len(columns))}
	for i := range s.Needed {
		s.Needed[i] = true
	}
	return s
}

// decoded formats the result for a record: its needed columns, or the error.
func decoded(rec *row.Record, t *row.Table) string {
	if rec.State == row.Undecodable {
		return "error: " + rec.Err.Error()
	}
	var texts []string
	for _, c := range t.Columns {
		if c == nil {
			continue
		}
		text := "NULL"
		if c.Valid(int(rec.Row)) {
			text = string(row.AppendJSON(nil, c.Value(int(rec.Row))))
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func TestFieldsConvertToTheirColumns(t *testing.T) {
	golden(t, "values.txt", func(given, _ string) string {
		name, text, _ := strings.Cut(given, " ")
		src := source(row.Column{Name: "C", Type: typeOf(t, name)})
		table := row.NewTable(src, 1)
		rec := row.Record{Value: []byte(`{"c":` + strings.TrimLeft(text, " ") + `}`)}
		newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
		return strings.Replace(decoded(&rec, table), "error: value column C: ", "error: ", 1)
	})
}

func TestValuesAreOneCompleteObject(t *testing.T) {
	src := source(
		row.Column{Name: "A", Type: row.Of(row.Bigint)}, row.Column{Name: "b", Type: row.Of(row.String)},
		row.Column{Name: "B", Type: row.Of(row.Double)}, row.Column{Name: "SKIPPED", Type: row.Of(row.Int)})
	src.Needed[3] = false
	// One decoder reads all records, so that it applies a layout learnt from one record to
	// the next.
	d, table, rows := newDecoder(t, src, 0, codec.DecodeOptions{}), row.NewTable(src, 1), 0
	golden(t, "objects.txt", func(given, want string) string {
		rec := row.Record{Value: []byte(given)}
		d.Decode(&rec, table)
		if rec.State == row.Decoded {
			rows++
		}
		if table.Len() != rows {
			t.Fatalf("%s: the table has %d rows, want %d", given, table.Len(), rows)
		}
		return decoded(&rec, table)
	})
}

func TestEventTimeIsCheckedAgainstTheRecordsOwn(t *testing.T) {
	for _, c := range []struct {
		shows            string
		byColumn         bool
		own              int64
		value, wantError string
		want             int64
	}{
		{"without timestamp= it is the record's own", false, 5, `{"ts":9}`, "", 5},
		{"a record without time is nowhere", false, -1, `{"ts":9}`, "the record's own timestamp (-1) is negative, and the source has no timestamp= column", -1},
		{"timestamp= is the column", true, 5, `{"ts":9}`, "", 9},
		{"NULL is no time", true, 5, `{"ts":null}`, "the timestamp column is NULL", -1},
		{"missing is no time", true, 5, `{}`, "the timestamp column is NULL", -1},
		{"negative is no time", true, 5, `{"ts":-1}`, "the timestamp column (-1) is negative", -1},
		{"zero is a time", true, 5, `{"ts":0}`, "", 0},
		{"the last millisecond of 9999 is the last time", true, 0, `{"ts":253402300799999}`, "", 253402300799999},
		{"the next one is none", true, 0, `{"ts":253402300800000}`, "the timestamp column (253402300800000) is after 9999-12-31T23:59:59.999Z, the largest event time", -1},
		{"nor is the largest number", true, 0, `{"ts":9223372036854775807}`, "the timestamp column (9223372036854775807) is after 9999-12-31T23:59:59.999Z, the largest event time", -1},
		{"nor the smallest", true, 0, `{"ts":-9223372036854775808}`, "the timestamp column (-9223372036854775808) is negative", -1},
		{"the range holds for the record's own time", false, 253402300799999, `{}`, "", 253402300799999},
		{"where that is event time", false, 253402300800000, `{}`, "the record's own timestamp (253402300800000) is after 9999-12-31T23:59:59.999Z, the largest event time, and the source has no timestamp= column", -1},
		{"and not where a column is", true, 9223372036854775807, `{"ts":9}`, "", 9},
		{"as far ahead as it may be", true, 1000, `{"ts":61000}`, "", 61000},
		{"one further", true, 1000, `{"ts":61001}`, "the timestamp column (61001) is more than 1m0s after the record's own timestamp (1000)", -1},
		{"a record without its own time is not compared where none was before it", true, 0, `{"ts":99999999}`, "", 99999999},
		{"nor one of negative time", true, -1, `{"ts":99999999}`, "", 99999999},
	} {
		t.Run(c.shows, func(t *testing.T) {
			src := source(row.Column{Name: "TS", Type: row.Of(row.Timestamp)})
			if c.byColumn {
				src.Timestamp = 0
			}
			rec := row.Record{Timestamp: c.own, Value: []byte(c.value)}
			newDecoder(t, src, 0, codec.DecodeOptions{MaxFuture: time.Minute}).Decode(&rec, row.NewTable(src, 1))
			if got := fmt.Sprint(rec.Err); rec.EventTime != c.want || c.wantError != "" && got != c.wantError || c.wantError == "" && rec.Err != nil {
				t.Errorf("time %d, error %v; want %d, %s", rec.EventTime, rec.Err, c.want, c.wantError)
			}
		})
	}
}

// TestARecordWithoutItsOwnTimeIsComparedWithTheLargestBeforeIt decodes records of one
// topic-partition one by one and in chunks, which use different code.
func TestARecordWithoutItsOwnTimeIsComparedWithTheLargestBeforeIt(t *testing.T) {
	records := []struct {
		own, at int64
		decoded bool
	}{
		{0, 99_999_999, true}, // nothing to compare with
		{-1, row.MaxEventTime, true},
		{0, row.MaxEventTime + 1, false}, // beyond the range
		{5_000, 65_000, true},
		{0, 65_000, true},
		{0, 65_001, false},
		{-7, 65_001, false},
		{2_000, 62_001, false}, // its own timestamp is used, not a larger one before it
		{2_000, 62_000, true},
		{9_000, 69_001, false}, // undecodable, but its timestamp still counts as the largest
		{0, 69_000, true},
		{math.MinInt64, 69_001, false},
	}
	for _, chunk := range []int{1, 2, len(records)} {
		src := source(row.Column{Name: "TS", Type: row.Of(row.Timestamp)})
		src.Timestamp = 0
		d, table := newDecoder(t, src, 0, codec.DecodeOptions{MaxFuture: time.Minute}), row.NewTable(src, 1)
		var list []row.Record
		for i, r := range records {
			list = append(list, row.Record{Timestamp: r.own, Offset: int64(i), Value: fmt.Appendf(nil, `{"ts":%d}`, r.at)})
		}
		d.After(-1)
		for rest := list; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
			d.DecodeAll(rest[:min(chunk, len(rest))], table)
		}
		for i, r := range records {
			if got := list[i].State == row.Decoded; got != r.decoded {
				t.Errorf("chunks of %d: record %d (own %d, column %d): decoded is %v: %v", chunk, i, r.own, r.at, got, list[i].Err)
			}
		}
		last := list[len(list)-1]
		if want := "the timestamp column (69001) is more than 1m0s after the largest timestamp of the records before it (9000)"; fmt.Sprint(last.Err) != want {
			t.Errorf("%v, want %s", last.Err, want)
		}
	}
}

func TestANullValueHasItsKeyColumns(t *testing.T) {
	src := source(row.Column{Name: "K", Type: row.Of(row.String)}, row.Column{Name: "TS", Type: row.Of(row.Bigint)})
	src.Key[0], src.KeyFormat = true, row.FormatKafka
	for _, timestamp := range []int{-1, 1} {
		src.Timestamp = timestamp
		table := row.NewTable(src, 1)
		rec := row.Record{Timestamp: 7, Key: []byte("k")}
		newDecoder(t, src, 3, codec.DecodeOptions{}).Decode(&rec, table)
		if rec.State != row.NullValue || rec.Source != 3 || decoded(&rec, table) != `"k" NULL` {
			t.Errorf("state %v, source %d, columns %s", rec.State, rec.Source, decoded(&rec, table))
		}
		want := int64(7)
		if timestamp >= 0 {
			want = -1 // set by the sequencer
		}
		if rec.EventTime != want {
			t.Errorf("timestamp= %v: event time %d, want %d", timestamp >= 0, rec.EventTime, want)
		}
	}
}

func TestADecodedRecordKeepsNothingOfItsBytes(t *testing.T) {
	src := source(row.Column{Name: "A", Type: row.Of(row.String)}, row.Column{Name: "B", Type: row.Of(row.String)})
	table := row.NewTable(src, 1)
	rec := row.Record{Value: []byte(`{"a":"text","b":[1]}`)}
	newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
	clear(rec.Value)
	if got := decoded(&rec, table); got != `"text" "[1]"` {
		t.Errorf("after its bytes were overwritten the row is %s", got)
	}
}

func TestDecodingAllocatesNothingButStrings(t *testing.T) {
	src := source(row.Column{Name: "SYMBOL", Type: row.Of(row.String)}, row.Column{Name: "PRICE", Type: row.DecimalType(10, 2)},
		row.Column{Name: "QUANTITY", Type: row.Of(row.Bigint)}, row.Column{Name: "TS", Type: row.Of(row.Timestamp)})
	src.Timestamp = 3
	d := newDecoder(t, src, 0, codec.DecodeOptions{})
	const runs = 1000
	table := row.NewTable(src, runs+10)
	value := []byte(`{"symbol":"AAPL","price":187.25,"quantity":100,"ts":1700000000000,"venue":{"id":[1,2]}}`)
	rec := row.Record{Value: value}
	if got := testing.AllocsPerRun(runs, func() { d.Decode(&rec, table) }); got > 1 {
		t.Errorf("%v allocations a record that has one string", got)
	}
	if rec.State != row.Decoded {
		t.Fatal(rec.Err)
	}
}
