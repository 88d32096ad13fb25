package codec_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// fieldsOf reads an object with encoding/json: for each name, in upper case, the last value
// of the field with that name, or else of the last field that differs in case. ok is false
// if the text is not one complete, valid object.
func fieldsOf(b []byte) (fields map[string]json.RawMessage, ok bool) {
	if b = bytes.TrimLeft(b, " \t\r\n"); !json.Valid(b) || b[0] != '{' {
		return nil, false
	}
	fields = map[string]json.RawMessage{}
	isExact := map[string]bool{}
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, false
		}
		text, _ := name.(string)
		upper := strings.ToUpper(text)
		if text == upper || !isExact[upper] {
			fields[upper], isExact[upper] = value, text == upper
		}
	}
	return fields, true
}

// wantField converts a field by encoding/json and math/big. skip: it is too wide
// for this way of doing it.
func wantField(raw json.RawMessage, typ row.Type) (v row.Value, ok, skip bool) {
	if raw == nil || string(raw) == "null" {
		return row.Value{}, true, false
	}
	text := string(raw)
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return v, false, false
		}
	}
	if typ.Kind == row.String {
		return row.NewString(text), true, false
	}
	if typ.Kind == row.Boolean {
		isTrue, isFalse := strings.EqualFold(text, "true"), strings.EqualFold(text, "false")
		return row.NewBoolean(isTrue), isTrue || isFalse, false
	}
	var number json.Number // refuses numbers that JSON does not allow
	if raw[0] == '{' || raw[0] == '[' || json.Unmarshal([]byte(text), &number) != nil || number.String() != text {
		return v, false, false
	}
	if typ.Kind == row.Double {
		f, err := strconv.ParseFloat(text, 64)
		return row.NewDouble(f), err == nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(strings.TrimLeft(text[i+1:], "+-0")) > 4 {
		return v, false, true
	}
	r, isRat := new(big.Rat).SetString(text)
	if !isRat {
		return v, false, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(typ.Scale)), nil)))
	if !r.IsInt() {
		return v, false, false
	}
	n := r.Num()
	if typ.Kind == row.Decimal {
		wide, fits := numeric.Int128FromBig(n)
		return row.NewDecimal(wide, typ.Scale), fits && wide.Digits() <= typ.Precision, false
	}
	small := n.Int64()
	fits := n.IsInt64() && (typ.Kind != row.Int || small == int64(int32(small)))
	return row.NewIntegral(typ.Kind, small), fits, false
}

// FuzzDecode: if encoding/json accepts the whole value as an object, both read the same
// from it, or refuse it. Values that only this package accepts are errors in parts that no
// column needs (testdata/objects.txt).
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"b":true,"i":1,"n":2,"d":1.5,"c":12.30,"s":"x"}`, `{"B":"TRUE","I":"-1","n":1e3,"D":"NaN","c":"1.50","S":{"a":[1]}}`,
		`{"s":"\ud83d\ude00\u00e9\n","s":null}`, `{"n":9223372036854775808}`, `{"c":1.2340}`, `{"i":1.0,"extra":[{"x":"]"}]}`, ` { } `, `{"\u0073":1}`, `{`, `{"a":1,}`,
		"{\"s\":\"\xff\"}", `{"n":1e-2,"n":100e-2}`, `{"ſ":1,"s":true}`, `{"S":"exact","s":"not"}`, `{"N":null,"n":1}`,
		`{"n":9223372036854775807}`, `{"n":-9223372036854775808}`, `{"n":1e400,"d":1e400}`, `{"s":"\u0000\u001b[31m"}`, `{"s":"\ud800"}`,
		strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 5_000), `{"n":` + strings.Repeat("9", 3_000) + `}`,
	} {
		f.Add([]byte(seed))
	}
	columns := []row.Column{
		{Name: "B", Type: row.Of(row.Boolean)},
		{Name: "I", Type: row.Of(row.Int)},
		{Name: "N", Type: row.Of(row.Bigint)},
		{Name: "D", Type: row.Of(row.Double)},
		{Name: "C", Type: row.DecimalType(10, 2)},
		{Name: "S", Type: row.Of(row.String)},
	}
	// Each column separately, so that an error in one does not hide another.
	var sources []*row.Source
	for _, c := range columns {
		sources = append(sources, source(c))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, valid := fieldsOf(b)
		for i, c := range columns {
			table, rec := row.NewTable(sources[i], 1), row.Record{Value: b}
			newDecoder(t, sources[i], 0, codec.DecodeOptions{}).Decode(&rec, table)
			if (rec.State == row.Undecodable) != (table.Len() == 0) || (rec.Err == nil) != (rec.State == row.Decoded) {
				t.Fatalf("%q: state %v, %d rows, error %v", b, rec.State, table.Len(), rec.Err)
			}
			if !valid {
				continue
			}
			want, ok, skip := wantField(fields[c.Name], c.Type)
			switch {
			case skip || c.Type.Kind == row.Double && !ok && rec.Err == nil && isNonFinite(fields[c.Name]):
			case ok != (rec.State == row.Decoded):
				t.Fatalf("%q column %s: want %v (%v), got error %v", b, c.Name, want, ok, rec.Err)
			case ok && !row.Equal(table.Columns[0].Value(0), want):
				t.Fatalf("%q column %s: got %v, want %v", b, c.Name, table.Columns[0].Value(0), want)
			}
		}
	})
}

// isNonFinite reports whether a field is a DOUBLE that has no JSON number.
func isNonFinite(raw json.RawMessage) bool {
	var text string
	return json.Unmarshal(raw, &text) == nil && (text == "NaN" || text == "Infinity" || text == "-Infinity")
}

func TestARecordThatIsCutShortIsUndecodable(t *testing.T) {
	src := source(row.Column{Name: "A", Type: row.Of(row.Bigint)})
	d := newDecoder(t, src, 0, codec.DecodeOptions{})
	whole := `{"a":12,"s":"x\"}\\","o":{"p":[1,{"q":"]"}]},"t":true}`
	for cut := range whole {
		table, rec := row.NewTable(src, 1), row.Record{Value: []byte(whole[:cut])}
		if d.Decode(&rec, table); rec.State != row.Undecodable || table.Len() != 0 {
			t.Errorf("%s is taken", whole[:cut])
		}
	}
	rec := row.Record{Value: []byte(whole)}
	if d.Decode(&rec, row.NewTable(src, 1)); rec.State != row.Decoded {
		t.Errorf("%s: %v", whole, rec.Err)
	}
}
