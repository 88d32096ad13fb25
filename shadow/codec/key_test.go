package codec_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

var formats = map[string]row.Format{"KAFKA": row.FormatKafka, "STRING": row.FormatString, "JSON": row.FormatJSON, "NONE": row.FormatNone}

// keySource returns a source whose columns K0, K1.. come from the key. A type in brackets
// is a column that no query needs.
func keySource(t *testing.T, format, names string) *row.Source {
	t.Helper()
	var columns []row.Column
	var needed []bool
	for i, name := range strings.Split(strings.ReplaceAll(names, "(10,2)", "(10;2)"), ",") {
		bare := strings.TrimSuffix(strings.TrimPrefix(name, "("), ")")
		if needed = append(needed, !strings.HasPrefix(name, "(")); needed[i] {
			bare = name
		}
		columns = append(columns, row.Column{Name: fmt.Sprintf("K%d", i), Type: typeOf(t, strings.ReplaceAll(bare, ";", ","))})
	}
	src := source(columns...)
	src.KeyFormat, src.Needed = formats[format], needed
	for i := range src.Key {
		src.Key[i] = true
	}
	return src
}

func TestKeysBecomeColumnsByTheirFormat(t *testing.T) {
	golden(t, "keys_in.txt", func(given, _ string) string {
		fields := strings.SplitN(strings.Join(strings.Fields(given), " "), " ", 3)
		key, err := strconv.Unquote(given[strings.IndexByte(given, '"'):])
		if err != nil {
			t.Fatal(given, err)
		}
		src := keySource(t, fields[0], fields[1])
		table, rec := row.NewTable(src, 1), row.Record{Key: []byte(key)}
		newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
		if got := decoded(&rec, table); got != "" {
			return got
		}
		return "nothing"
	})
}

func TestANullKeyIsNullInEachColumn(t *testing.T) {
	for format := range formats {
		src := keySource(t, format, "STRING,BIGINT")
		table, rec := row.NewTable(src, 1), row.Record{Value: []byte("{}")}
		newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
		if got := decoded(&rec, table); got != "NULL NULL" {
			t.Errorf("%s: %s", format, got)
		}
	}
}

// keyValue reads a golden's TYPE=value.
func keyValue(t *testing.T, text string) (row.Column, row.Value) {
	t.Helper()
	name, given, ok := strings.Cut(text, "=")
	if !ok {
		t.Fatalf("want TYPE=value, not %q", text)
	}
	src := source(row.Column{Name: "C", Type: typeOf(t, name)})
	if given == "NULL" {
		return src.Columns[0], row.Value{}
	}
	rec, table := row.Record{Value: append(row.AppendJSONString([]byte(`{"c":`), given), '}')}, row.NewTable(src, 1)
	newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
	if rec.Err != nil {
		t.Fatal(text, rec.Err)
	}
	return src.Columns[0], table.Columns[0].Value(0)
}

func TestOutputKeysHaveTheBytesOfTheirFormat(t *testing.T) {
	golden(t, "keys_out.txt", func(given, _ string) string {
		fields := strings.Fields(given)
		sink, change := &row.Sink{KeyFormat: formats[fields[0]]}, &row.Change{}
		if window := strings.Split(fields[1], ".."); len(window) > 1 {
			sink.Windowed, sink.Session = true, len(window) == 3
			change.WindowStart, _ = strconv.ParseInt(window[0], 10, 64)
			change.WindowEnd, _ = strconv.ParseInt(window[len(window)-1], 10, 64)
		}
		for i, text := range fields[2:] {
			column, value := keyValue(t, text)
			column.Name = fmt.Sprintf("K%d", i)
			sink.Key, change.Key = append(sink.Key, column), append(change.Key, value)
		}
		e := newEncoder(t, sink)
		if !e.HasKey() {
			return "no key"
		}
		key, rest := e.AppendKey([]byte("before"), change)
		got := strconv.Quote(string(key[len("before"):rest]))
		if rest < len(key) {
			got += " " + strconv.Quote(string(key[rest:]))
		}
		return strings.ReplaceAll(got, "\\u0000", "\\x00")
	})
}

// A key with several columns that one job writes is read back by another.
func TestKeysOfSeveralPartsReadBack(t *testing.T) {
	part := rapid.SampledFrom([]string{"", "a", "|", `\`, `\N`, "N", `a\|b`, "|", "\x00"})
	for _, format := range []string{"STRING", "JSON"} {
		src := keySource(t, format, "STRING,STRING,BIGINT")
		e := newEncoder(t, &row.Sink{KeyFormat: src.KeyFormat, Key: src.Columns})
		rapid.Check(t, func(t *rapid.T) {
			want := []row.Value{row.NewString(part.Draw(t, "first")), row.NewString(part.Draw(t, "second")), row.NewBigint(rapid.Int64().Draw(t, "third"))}
			if i := rapid.IntRange(0, 5).Draw(t, "null"); i < 3 {
				want[i] = row.Value{}
			}
			key, _ := e.AppendKey(nil, &row.Change{Key: want})
			rec, table := row.Record{Key: key, Value: []byte("{}")}, row.NewTable(src, 1)
			newDecoder(t, src, 0, codec.DecodeOptions{}).Decode(&rec, table)
			if rec.Err != nil {
				t.Fatalf("%q: %v", key, rec.Err)
			}
			for i, w := range want {
				if got := table.Columns[i].Value(0); !row.Equal(got, w) {
					t.Fatalf("%q: part %d is %v, want %v", key, i, got, w)
				}
			}
		})
	}
}
