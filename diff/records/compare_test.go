package records_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/diff/records"
)

const (
	rowA  = `{"topic":"OUT","partition":0,"key":{"K":"a"},"value":{"K":"a","N":1.10},"timestamp":5,"cause":{"topic":"in","partition":0,"offset":0}}`
	rowB  = `{"topic":"OUT","partition":0,"key":{"K":"b"},"value":{"K":"b","N":2},"timestamp":6,"cause":{"topic":"in","partition":0,"offset":1}}`
	gone  = `{"topic":"OUT","partition":0,"key":{"K":"a"},"value":null,"timestamp":5,"cause":null}`
	other = `{"topic":"OUT","timestamp":5,"value":{"N":1.10,"K":"a"},"cause":{"topic":"in","partition":0,"offset":0},"key":{"K":"a"},"partition":0}`
	// keyless has no key, windowed a window, pair two key columns.
	keyless  = `{"topic":"OUT","partition":0,"key":null,"value":{"K":"a","N":1.10},"timestamp":5,"cause":{"topic":"in","partition":0,"offset":0}}`
	windowed = `{"topic":"OUT","partition":0,"key":{"K":"a"},"window":{"start":0,"end":0},"value":{"K":"a","N":1.10},"timestamp":5,"cause":{"topic":"in","partition":0,"offset":0}}`
	pair     = `{"topic":"OUT","partition":0,"key":{"K":"a","L":"b"},"value":{"N":1},"timestamp":5,"cause":{"topic":"in","partition":0,"offset":0}}`
)

// with returns a line with one text replaced by another.
func with(line, old, now string) string {
	if strings.Count(line, old) != 1 {
		panic("not once in the line: " + old)
	}
	return strings.Replace(line, old, now, 1)
}

func TestFilesCompareAtEveryLevel(t *testing.T) {
	for _, c := range []struct {
		name, left, right string
		held              diff.Level
		class             diff.Class
	}{
		{"the same bytes", rowA + "\n" + rowB + "\n", rowA + "\n" + rowB + "\n", diff.E0, ""},
		{"the same rows written otherwise", rowA, other, diff.E1, ""},
		{"two keys in another order", rowA + "\n" + rowB, rowB + "\n" + rowA, diff.E2, diff.Reorder},
		{"a row twice", rowA + "\n" + rowB, rowA + "\n" + rowA + "\n" + rowB, diff.E3, diff.Duplicate},
		{"digits after the point", rowA, with(rowA, "1.10", "1.1"), diff.None, diff.TypeClass},
		{"a number as text", rowB, with(rowB, `"N":2`, `"N":"2"`), diff.None, diff.ValueClass},
		{"a number with an exponent", with(rowB, `"N":2`, `"N":1e2`), with(rowB, `"N":2`, `"N":100`), diff.None, diff.TypeClass},
		{"a small number with an exponent", with(rowB, `"N":2`, `"N":1e-2`), with(rowB, `"N":2`, `"N":0.01`), diff.None, diff.TypeClass},
		{"the letter of an exponent", with(rowB, `"N":2`, `"N":1e2`), with(rowB, `"N":2`, `"N":1E2`), diff.None, diff.TypeClass},
		{"another number with an exponent", with(rowB, `"N":2`, `"N":1e2`), with(rowB, `"N":2`, `"N":101`), diff.None, diff.ValueClass},
		{"a number with an exponent as text", with(rowB, `"N":2`, `"N":1e2`), with(rowB, `"N":2`, `"N":"1e2"`), diff.None, diff.ValueClass},
		{"the sign of zero", with(rowB, `"N":2`, `"N":-0.0`), with(rowB, `"N":2`, `"N":0.0`), diff.E1, ""},
		{"the sign of zero with an exponent", with(rowB, `"N":2`, `"N":-0e1`), with(rowB, `"N":2`, `"N":0e1`), diff.E1, ""},
		{"a number beyond a DECIMAL", with(rowB, `"N":2`, `"N":1e300`), with(rowB, `"N":2`, `"N":10e299`), diff.None, diff.TypeClass},
		{"another number beyond a DECIMAL", with(rowB, `"N":2`, `"N":1e300`), with(rowB, `"N":2`, `"N":1e301`), diff.None, diff.ValueClass},
		{"a number beyond a DOUBLE", with(rowB, `"N":2`, `"N":1.5e5000`), with(rowB, `"N":2`, `"N":15e4999`), diff.None, diff.TypeClass},
		{"an exponent that no integer holds", with(rowB, `"N":2`, `"N":1e99999999999999999999`), with(rowB, `"N":2`, `"N":10e99999999999999999999`), diff.None, diff.ValueClass},
		{"zeros after 38 digits", with(rowB, `"N":2`, `"N":1.00000000000000000000000000000000000000`), with(rowB, `"N":2`, `"N":1.000000000000000000000000000000000000000`), diff.None, diff.TypeClass},
		{"39 digits", with(rowB, `"N":2`, `"N":111111111111111111111111111111111111111`), with(rowB, `"N":2`, `"N":111111111111111111111111111111111111112`), diff.None, diff.ValueClass},
		{"a nested value written otherwise", with(rowB, `"N":2`, `"N":{"a":[1.10,-0,"A",1e2],"b":100}`), with(rowB, `"N":2`, `"N":{"b":100, "a":[1.10,0,"\u0041",1e2]}`), diff.E1, ""},
		{"digits after the point in a nested value", with(rowB, `"N":2`, `"N":{"a":[1.10]}`), with(rowB, `"N":2`, `"N":{"a":[1.1]}`), diff.None, diff.TypeClass},
		{"numbers with an exponent in a nested value", with(rowB, `"N":2`, `"N":[1e300,100,{"a":-1.5e-60}]`), with(rowB, `"N":2`, `"N":[10e299,1e2,{"a":-15e-61}]`), diff.None, diff.TypeClass},
		{"a number and the spelling of another in a nested value", with(rowB, `"N":2`, `"N":[1.10,2]`), with(rowB, `"N":2`, `"N":[1.1,3]`), diff.None, diff.ValueClass},
		{"a column written otherwise beside another number", with(rowB, `"N":2`, `"N":1.10,"M":[1.0]`), with(rowB, `"N":2`, `"N":1.11,"M":[1]`), diff.None, diff.ValueClass},
		{"another number in a nested value", with(rowB, `"N":2`, `"N":[1e300]`), with(rowB, `"N":2`, `"N":[1e301]`), diff.None, diff.ValueClass},
		{"a number as text in a nested value", with(rowB, `"N":2`, `"N":{"a":1}`), with(rowB, `"N":2`, `"N":{"a":"1"}`), diff.None, diff.ValueClass},
		{"NULL and no field in a nested value", with(rowB, `"N":2`, `"N":{"a":null}`), with(rowB, `"N":2`, `"N":{}`), diff.None, diff.ValueClass},
		{"a row less", rowA + "\n" + rowB, rowA, diff.None, diff.Missing},
		{"a deletion less", rowA + "\n" + gone, rowA, diff.None, diff.Tombstone},
		{"a deletion and a value without columns", gone, with(gone, "null,", "{},"), diff.None, diff.Tombstone},

		{"neither file has a row", "", "\n", diff.None, ""},
		{"the left file has no row", "", rowA, diff.None, diff.Extra},
		{"the right file has no row", rowA, "", diff.None, diff.Missing},

		{"a byte order mark", rowA + "\n", "\ufeff" + rowA + "\n", diff.E1, ""},
		{"a byte order mark in both", "\ufeff" + rowA, "\ufeff" + rowA, diff.E0, ""},
		{"white space around a line", rowA + "\n", " \t\r" + rowA + "\t \r\n", diff.E1, ""},
		{"lines that end with CRLF", rowA + "\n", rowA + "\r\n", diff.E1, ""},
		{"no newline at the end", rowA + "\n", rowA, diff.E1, ""},
		{"a blank line", rowA + "\n", rowA + "\n\n", diff.E1, ""},
		{"a space at the end of a line", rowA + "\n", rowA + " \n", diff.E1, ""},
		{"evidence that is not part of a row", rowA, with(rowA, `"OUT","partition":0`, `"OUT","partition":3`), diff.E1, ""},
		{"bytes as Kafka would get them", with(rowA, `}}`, `},"raw":{"key":"YQ==","value":null}}`), with(rowA, `}}`, `},"raw":{"key":"Yg==","value":null}}`), diff.E1, ""},

		{"NULL and no value column", with(rowB, `2`, `null`), with(rowB, `,"N":2`, ``), diff.None, diff.Schema},
		{"a value column that only the left has", rowB, with(rowB, `,"N":2`, ``), diff.None, diff.Schema},
		{"a value column that only the right has", with(rowB, `,"N":2`, ``), rowB, diff.None, diff.Schema},
		{"a value column that only the left has, before another", with(rowB, `"K":"b","N"`, `"M":1,"N"`), with(rowB, `"K":"b","N"`, `"N"`), diff.None, diff.Schema},
		{"a renamed value column", rowB, with(rowB, `"N"`, `"M"`), diff.None, diff.Schema},

		{"a renamed key column", rowB, with(rowB, `"key":{"K"`, `"key":{"L"`), diff.None, diff.Schema},
		{"a key column that only the left has", pair, with(pair, `,"L":"b"`, ``), diff.None, diff.Schema},
		{"a key column that only the right has", with(pair, `"K":"a",`, ``), pair, diff.None, diff.Schema},
		{"a key column more that is NULL", pair, with(pair, `"L":"b"`, `"L":"b","M":null`), diff.None, diff.Schema},
		{"key columns in another order", pair, with(pair, `"K":"a","L":"b"`, `"L":"b","K":"a"`), diff.E1, ""},
		{"key columns whose values changed places", pair, with(pair, `"K":"a","L":"b"`, `"K":"b","L":"a"`), diff.None, diff.KeyClass},
		{"a key of the left and none", rowA, keyless, diff.None, diff.KeyClass},
		{"no key and one of the right", keyless, rowA, diff.None, diff.KeyClass},
		{"a NULL key and none", with(rowA, `"key":{"K":"a"}`, `"key":{"K":null}`), keyless, diff.None, diff.KeyClass},
		{"a NULL key and the text NULL", with(rowA, `"key":{"K":"a"}`, `"key":{"K":null}`), with(rowA, `"key":{"K":"a"}`, `"key":{"K":"NULL"}`), diff.None, diff.KeyClass},
		{"a key that is null and one that is left out", keyless, with(keyless, `"key":null,`, ``), diff.None, diff.Schema},

		{"a window of the left and none", windowed, rowA, diff.None, diff.Schema},
		{"no window and one of the right", rowA, windowed, diff.None, diff.Schema},
		{"a timestamp of 0 and none", with(rowA, `:5,`, `:0,`), with(rowA, `"timestamp":5,`, ``), diff.None, diff.Schema},
		{"another topic", rowA, with(rowA, "OUT", "out"), diff.None, diff.Extra},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := records.Compare(t.Context(), strings.NewReader(c.left), strings.NewReader(c.right), "left", "right", records.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if res.LevelHeld != c.held {
				t.Errorf("held %s, want %s", res.LevelHeld, c.held)
			}
			if c.class == "" && res.Root != 0 || c.class != "" && res.ByClass[c.class] == 0 {
				t.Errorf("classes %v, want %q", res.ByClass, c.class)
			}
		})
	}
}

// JSON's white space is space, tab and the two of line ends. Unicode has more.
func TestOtherWhiteSpaceThanThatOfJSONIsRefused(t *testing.T) {
	for _, space := range []string{"\v", "\f", "\u0085", "\u00a0", "\u2028", "\u2029", "\u3000", "\x00"} {
		for _, text := range []string{space + rowA, rowA + space, space} {
			_, err := records.Compare(t.Context(), strings.NewReader(rowB), strings.NewReader(rowB+"\n"+text+"\n"), "left", "right", records.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), "right:2: not an output record: ") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

func TestALineIsBoundedInNestingAndValues(t *testing.T) {
	nested := func(depth int, inner string) string {
		return with(rowA, "1.10", strings.Repeat("[", depth)+inner+strings.Repeat("]", depth))
	}
	few, many := strings.Repeat("1,", 1000)+"1", strings.Repeat("1,", 4<<20)+"1"
	for _, c := range []struct{ name, left, right, want string }{
		{"deep enough", nested(254, "1"), nested(254, "2"), ""},
		{"too deep", nested(255, "1"), nested(255, "2"), "left:1: not an output record: it is nested more than 256 deep"},
		{"objects that are too deep", rowA, with(rowA, "1.10", strings.Repeat(`{"a":`, 300)+"1"+strings.Repeat("}", 300)), "right:1: not an output record: it is nested more than 256 deep"},
		{"brackets in a text", with(rowA, "1.10", `"`+strings.Repeat(`[\"{`, 300)+`"`), rowA, ""},
		{"many values", nested(1, few), nested(1, few), ""},
		{"too many values", nested(1, many), rowA, "left:1: not an output record: it has more than 4194304 values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := records.Compare(t.Context(), strings.NewReader(c.left), strings.NewReader(c.right), "left", "right", records.Options{})
			if c.want == "" && err != nil || c.want != "" && fmt.Sprint(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// If each row had its own column, the memory for rows would grow with the square of their
// number.
func TestRowsThatLackMostColumnsOfTheirTopicAreRefused(t *testing.T) {
	rows := func(n int, column string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"topic":"OUT","key":{"K":1},"value":{%s}}`+"\n", strings.ReplaceAll(column, "#", strconv.Itoa(i)))
		}
		return b.String()
	}
	_, err := records.Compare(t.Context(), strings.NewReader(rows(2000, `"A#":1`)), strings.NewReader(""), "left", "right", records.Options{})
	if want := "left:1029: not an output record: value: the rows of topic OUT have 1029 distinct columns by now"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	half := rows(1000, `"A#":1`)
	if res, err := records.Compare(t.Context(), strings.NewReader(half), strings.NewReader(""), "left", "right", records.Options{}); err != nil || res.Rows[0] != 1000 {
		t.Errorf("%d rows, %v", res.Rows[0], err)
	}
	wide := rows(1, manyColumns(20_000)) + rows(1000, `"A":1`)
	if _, err := records.Compare(t.Context(), strings.NewReader(wide), strings.NewReader(wide), "left", "right", records.Options{}); err == nil {
		t.Error("20,000 columns that all rows but one lack were taken")
	}
	same := rows(300, manyColumns(100))
	if _, err := records.Compare(t.Context(), strings.NewReader(same), strings.NewReader(same), "left", "right", records.Options{}); err != nil {
		t.Error(err)
	}
}

func TestNamesPathsAndKeysAreShortened(t *testing.T) {
	long := strings.Repeat("x", 5000)
	line := func(n int) string {
		value := fmt.Sprintf(`{"%s":{"%s":%d},"N":{"%s":%d}}`, long, long, n, long, n)
		return with(with(rowA, `{"K":"a"}`, `{"K":"`+long+`"}`), `{"K":"a","N":1.10}`, value)
	}
	res, err := records.Compare(t.Context(), strings.NewReader(line(1)), strings.NewReader(line(2)), "left", "right", records.Options{})
	if err != nil || len(res.Signatures) != 1 {
		t.Fatal(res.Signatures, err)
	}
	s := res.Signatures[0]
	texts := append(s.Columns, s.Example.KeyText(), s.Example.V1, s.Example.V2)
	for _, c := range s.Example.Columns {
		texts = append(texts, c.Name, c.V1, c.V2)
	}
	for _, text := range texts {
		if len(text) > 210 {
			t.Errorf("%d bytes: %s", len(text), text)
		}
	}
}

func TestReadingStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	endless := readerFunc(func(b []byte) (int, error) {
		if read++; read > 3 {
			cancel()
		}
		return copy(b, rowA+"\n"), nil
	})
	if _, err := records.Compare(ctx, endless, strings.NewReader(""), "left", "right", records.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestFilesWithoutRowsAreEqualIfThatIsAllowed(t *testing.T) {
	for right, held := range map[string]diff.Level{"": diff.E0, "\n": diff.E1} {
		res, err := records.Compare(t.Context(), strings.NewReader(""), strings.NewReader(right), "left", "right", records.Options{AllowEmpty: true})
		if err != nil || res.LevelHeld != held {
			t.Errorf("%q: held %s, %v, want %s", right, res.LevelHeld, err, held)
		}
	}
}

// A difference is found with the files in either order.
func TestSchemaIsDifferentInBothDirections(t *testing.T) {
	for _, c := range []struct{ one, two string }{
		{rowB, with(rowB, `,"N":2`, ``)},
		{rowB, with(rowB, `"K":"b","N"`, `"N"`)},
		{rowB, with(rowB, `"key":{"K"`, `"key":{"L"`)},
		{rowA, windowed},
	} {
		forth, err := records.Compare(t.Context(), strings.NewReader(c.one), strings.NewReader(c.two), "left", "right", records.Options{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := records.Compare(t.Context(), strings.NewReader(c.two), strings.NewReader(c.one), "left", "right", records.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if forth.Root != back.Root || forth.ByClass[diff.Schema] == 0 || forth.ByClass[diff.Schema] != back.ByClass[diff.Schema] {
			t.Errorf("%s and %s: %v, and the other way round %v", c.one, c.two, forth.ByClass, back.ByClass)
		}
		for i, s := range forth.Signatures {
			for j, column := range s.Example.Columns {
				other := back.Signatures[i].Example.Columns[j]
				if column.Name != other.Name || column.V1 != other.V2 || column.V2 != other.V1 {
					t.Errorf("columns are %v, and the other way round %v", column, other)
				}
			}
		}
	}
}

func TestFirstDifferentLineIsNamed(t *testing.T) {
	for _, c := range []struct {
		left, right string
		line        int
	}{
		{rowA + "\n", rowA + "\n", 0},
		{rowA + "\n" + rowB + "\n", rowA + "\n" + rowB + "\r\n", 2},
		{rowA + "\n" + rowB + "\n", rowA + "\n" + rowB, 2},
		{rowA, other, 1},
		{rowA + "\n", rowA + "\n" + rowB + "\n", 2},
	} {
		res, err := records.Compare(t.Context(), strings.NewReader(c.left), strings.NewReader(c.right), "left", "right", records.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if res.FirstDifferentLine != c.line {
			t.Errorf("%q and %q: first differing line %d, want %d", c.left, c.right, res.FirstDifferentLine, c.line)
		}
	}
}

func TestALineThatIsNoOutputRecordIsNamed(t *testing.T) {
	const invalid = "right:2: not an output record: "
	for _, c := range []struct{ line, want string }{
		{`{"topic":"OUT"}`, invalid + "it needs topic and value"},
		{`{"value":{}}`, invalid + "it needs topic and value"},
		{`{"topic":"OUT","value":{},"x":1}`, invalid + `unknown field "x"`},
		{`{"topic":"OUT","Value":{}}`, invalid + `unknown field "Value"`},
		{`nonsense`, invalid + "invalid JSON at byte "},
		{`[]`, invalid + "want a JSON object"},
		{"\xef\xbb\xbf" + rowA, invalid + "invalid JSON at byte "},
		{rowA[:40], invalid + "invalid JSON at byte 40: unexpected end"},

		{rowA + ` junk`, invalid + "invalid JSON at byte 136: \"j\" is not allowed there"},
		{rowA + rowB, invalid + "invalid JSON at byte 135: \"{\" is not allowed there"},
		{rowA + `}`, invalid + "invalid JSON at byte 135: \"}\" is not allowed there"},

		{with(rowA, `"key":{"K":"a"}`, "\"key\":{\"K\":\"\xff\"}"), invalid + "byte 42 (0xff) is not valid UTF-8"},
		{with(rowA, `"key":{"K":"a"}`, `"key":{"K":"\ud800"}`), invalid + `the escape \ud800 is half of a surrogate pair`},
		{with(rowA, `"key":{"K":"a"}`, `"key":{"K":"\\\uDC00"}`), invalid + `the escape \uDC00 is half of a surrogate pair`},
		{with(rowA, `"key":{"K":"a"}`, `"key":{"K":"\ud83d\u0041"}`), invalid + `the escape \ud83d is half of a surrogate pair`},
		{with(rowA, `1.10`, `["\udfff"]`), invalid + `the escape \udfff is half of a surrogate pair`},

		{with(rowA, `"partition":0,"key"`, `"topic":"X","key"`), invalid + `field "topic" occurs twice`},
		{with(rowA, `"N":1.10`, `"K":"b"`), invalid + `value: field "K" occurs twice`},
		{with(rowA, `"N":1.10`, `"\u004b":"a"`), invalid + `value: field "K" occurs twice`},
		{with(rowA, `"key":{"K":"a"}`, `"key":{"K":"a","K":"a"}`), invalid + `key: field "K" occurs twice`},
		{with(rowA, `1.10`, `[{"A":1,"A":2}]`), invalid + `value: N: field "A" occurs twice`},
		{with(rowA, `"K":"a","N":1.10`, manyColumns(40)+`,"C7":0`), invalid + `value: field "C7" occurs twice`},
		{with(rowA, `1.10`, `{`+manyColumns(40)+`,"C39":0}`), invalid + `value: N: field "C39" occurs twice`},
		{with(rowA, `"offset":0`, `"offset":0,"offset":1`), invalid + `cause: field "offset" occurs twice`},

		{with(rowA, `"topic":"OUT"`, `"topic":null`), invalid + "topic: want a string, not null"},
		{with(rowA, `"OUT","partition":0`, `"OUT","partition":"0"`), invalid + `partition: want an integer, not "0"`},
		{with(rowA, `"OUT","partition":0`, `"OUT","partition":-1`), invalid + "partition: -1 is less than 0"},
		{with(rowA, `"OUT","partition":0`, `"OUT","partition":null`), invalid + "partition: want an integer, not null"},
		{with(rowA, `"OUT","partition":0`, `"OUT","partition":4294967296`), invalid + "partition: 4294967296 does not fit 32 bits"},
		{with(rowA, `"timestamp":5`, `"timestamp":5.0`), invalid + "timestamp: want an integer, not 5.0"},
		{with(rowA, `"timestamp":5`, `"timestamp":9223372036854775808`), invalid + "timestamp: 9223372036854775808 does not fit 64 bits"},
		{with(rowA, `"key":{"K":"a"}`, `"key":{}`), invalid + "key: it has no columns"},
		{with(rowA, `"key":{"K":"a"}`, `"key":"a"`), invalid + "key: want a JSON object"},
		{with(rowA, `{"K":"a","N":1.10}`, `7`), invalid + "value: want a JSON object"},
		{with(rowA, `1.10`, `01`), invalid + "invalid JSON at byte "},
		{with(windowed, `"end":0`, `"end":-1`), invalid + "window: it ends at -1, before its start 0"},
		{with(windowed, `,"end":0`, ``), invalid + "window: want an object of start, end"},
		{with(windowed, `{"start":0,"end":0}`, `null`), invalid + "window: want a JSON object"},
		{with(rowA, `,"offset":0`, ``), invalid + "cause: want an object of topic, partition, offset"},
		{with(rowA, `"offset":0`, `"offset":0,"at":1`), invalid + "cause: want an object of topic, partition, offset"},
		{with(rowA, `"offset":0`, `"offset":-1`), invalid + "cause: offset: -1 is less than 0"},
		{with(rowA, `"cause":{"topic":"in"`, `"cause":{"topic":7`), invalid + "cause: topic: want a string, not 7"},
		{with(rowA, `}}`, `},"raw":{"key":"?","value":null}}`), invalid + "raw: key: want base64 text or null"},

		{windowed, invalid + "it has a window, and line 1 of the same topic has none"},
		{with(rowA, `"timestamp":5,`, ``), invalid + "it has no timestamp, and line 1 of the same topic has one"},
		{with(rowA, `"key":{"K":"a"},`, ``), invalid + "it has no key, and line 1 of the same topic has one"},
		{with(rowA, `"key":{"K"`, `"key":{"L"`), invalid + "key: its columns are L, and those of line 1 of the same topic K"},
	} {
		_, err := records.Compare(t.Context(), strings.NewReader(rowA), strings.NewReader(rowA+"\n"+c.line), "left", "right", records.Options{})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n%v, want\n%s", c.line, err, c.want)
		}
	}
}

// manyColumns are the fields C0 to Cn-1.
func manyColumns(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"C%d":%d`, i, i))
	}
	return strings.Join(list, ",")
}

func TestPairsOfSurrogatesAreText(t *testing.T) {
	left, right := with(rowA, `"key":{"K":"a"}`, `"key":{"K":"\ud83d\ude00 \\ud800"}`), with(rowA, `"key":{"K":"a"}`, `"key":{"K":"😀 \\ud800"}`)
	res, err := records.Compare(t.Context(), strings.NewReader(left), strings.NewReader(right), "left", "right", records.Options{})
	if err != nil || res.LevelHeld != diff.E1 {
		t.Errorf("held %s, %v, want E1", res.LevelHeld, err)
	}
}

func TestALineThatIsTooLongIsNamed(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(rowA+"\n"), io.LimitReader(zeros{}, 1<<30))
	_, err := records.Compare(t.Context(), strings.NewReader(rowA), endless, "left", "right", records.Options{})
	if want := "right:2: the line is longer than 64 MiB"; fmt.Sprint(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// zeros are digits without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '0'
	}
	return len(b), nil
}
