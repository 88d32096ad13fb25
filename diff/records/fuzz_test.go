package records_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/diff/records"
)

// Files that are equal at E1 have the same rows for a reader that shares no code with
// Compare, files that are equal at E0 have the same bytes, and exchanging the files does
// not matter.
func FuzzFilesThatAreEqual(f *testing.F) {
	for _, seed := range [][2]string{
		{rowA, other},
		{rowA + "\n" + rowB, rowB + "\n" + rowA},
		{rowA, keyless},
		{windowed, rowA},
		{gone, with(gone, "null,", "{},")},
		{pair, with(pair, `"K":"a","L":"b"`, `"L":"b","K":"a"`)},
		{with(rowA, `"key":{"K":"a"}`, `"key":{"K":"\ud83d\ude00"}`), with(rowA, `"key":{"K":"a"}`, `"key":{"K":"😀"}`)},
		{with(rowA, `1.10`, `[1,{"a":null}]`), with(rowA, `1.10`, `1e1`)},
		{with(rowA, `1.10`, `[1.10,-0e1]`), with(rowA, `1.10`, `[1.1,0e1]`)},
		{with(rowA, `1.10`, `1e2`), with(rowA, `1.10`, `100`)},
		{with(rowA, `"timestamp":5,`, ``), rowA},
		{rowA, "\ufeff" + rowA},
		{rowA, rowA + "\u00a0"},
		{rowA, "\v\n" + rowA},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, left, right []byte) {
		forth, err := records.Compare(t.Context(), bytes.NewReader(left), bytes.NewReader(right), "left", "right", records.Options{})
		back, backErr := records.Compare(t.Context(), bytes.NewReader(right), bytes.NewReader(left), "left", "right", records.Options{})
		// E3r allows V2 to leave out rows, which is not symmetric.
		if (err == nil) != (backErr == nil) || max(forth.LevelHeld, diff.E3r) != max(back.LevelHeld, diff.E3r) {
			t.Fatalf("held %s (%v), and the other way round %s (%v)", forth.LevelHeld, err, back.LevelHeld, backErr)
		}
		if err != nil || forth.IsEmpty() {
			return
		}
		if forth.LevelHeld == diff.E0 != bytes.Equal(left, right) {
			t.Fatalf("held %s of files whose bytes are the same: %v", forth.LevelHeld, bytes.Equal(left, right))
		}
		if one, two := plainRows(t, left), plainRows(t, right); forth.LevelHeld >= diff.E1 && !reflect.DeepEqual(one, two) {
			t.Fatalf("E1 holds of different rows\n%v\n%v", one, two)
		}
	})
}

// minusZero is a number that is 0 with a sign, which has no meaning.
var minusZero = regexp.MustCompile(`^-0(\.0*)?([eE].*)?$`)

// plainRows are a file's rows as encoding/json reads them, without their evidence.
func plainRows(t *testing.T, text []byte) (rows []any) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
		if len(bytes.Trim(line, " \t\r\n")) == 0 {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		var fields map[string]any
		if err := d.Decode(&fields); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, evidence := range []string{"partition", "cause", "raw"} {
			delete(fields, evidence)
		}
		rows = append(rows, unsigned(fields))
	}
	return rows
}

// unsigned removes the sign of numbers that are 0.
func unsigned(v any) any {
	switch v := v.(type) {
	case json.Number:
		if minusZero.MatchString(string(v)) {
			return json.Number(strings.TrimPrefix(string(v), "-"))
		}
	case map[string]any:
		for name, e := range v {
			v[name] = unsigned(e)
		}
	case []any:
		for i, e := range v {
			v[i] = unsigned(e)
		}
	}
	return v
}
