package form

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

var (
	bigint  = row.Of(row.Bigint)
	doubles = row.Of(row.Double)
	pair    = row.Type{Kind: row.Struct, Fields: []row.Column{{Name: "A", Type: bigint}, {Name: "B", Type: row.Of(row.String)}}}
	types   = []row.Type{
		row.Of(row.Boolean), row.Of(row.Int), bigint, doubles, row.DecimalType(20, 3), row.Of(row.String), row.Of(row.Bytes),
		row.Of(row.Timestamp), row.Of(row.Date), row.Of(row.Time),
		{Kind: row.Array, Elem: &doubles},
		{Kind: row.Map, Elem: &pair},
		pair,
	}
)

// drawValue draws a value of a type, or NULL.
func drawValue(t *rapid.T, of row.Type) row.Value {
	if rapid.IntRange(0, 4).Draw(t, "NULL") == 0 {
		return row.Value{}
	}
	switch of.Kind {
	case row.Boolean:
		return row.NewBoolean(rapid.Bool().Draw(t, "BOOLEAN"))
	case row.Int:
		return row.NewInt(int64(rapid.Int32().Draw(t, "INT")))
	case row.Double:
		return row.NewDouble(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Copysign(0, -1)})).Draw(t, "DOUBLE"))
	case row.Decimal:
		return row.NewDecimal(numeric.Int128{Hi: rapid.Int64().Draw(t, "high"), Lo: rapid.Uint64().Draw(t, "low")}, of.Scale)
	case row.String, row.Bytes:
		return row.NewText(of.Kind, rapid.String().Draw(t, "text"))
	case row.Array:
		list := make([]row.Value, rapid.IntRange(0, 3).Draw(t, "elements"))
		for i := range list {
			list[i] = drawValue(t, *of.Elem)
		}
		return row.NewArray(list)
	case row.Map:
		keys := rapid.SliceOfNDistinct(rapid.String(), 0, 3, rapid.ID).Draw(t, "keys")
		values := make([]row.Value, len(keys))
		for i := range values {
			values[i] = drawValue(t, *of.Elem)
		}
		return row.NewMap(keys, values)
	case row.Struct:
		return row.NewStruct([]string{"A", "B"}, []row.Value{drawValue(t, of.Fields[0].Type), drawValue(t, of.Fields[1].Type)})
	}
	return row.NewIntegral(of.Kind, rapid.Int64().Draw(t, "number"))
}

func TestAValueIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom(types).Draw(t, "type")
		v := drawValue(t, of)
		written := AppendValue(nil, v)
		r := NewReader(bytes.Clone(written))
		got := r.Value(of)
		if err := r.End(); err != nil || !row.Equal(got, v) {
			t.Fatalf("%v of type %s was read as %v: %v", v, of, got, err)
		}
		if again := AppendValue(nil, got); !bytes.Equal(again, written) {
			t.Fatalf("%v is %x, and %x when it is written again", v, written, again)
		}
	})
}

func TestNumbersAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 0x7f, 0x80, 0xff, 1 << 63, math.MaxUint64})), 1, 5).Draw(t, "words")
		n, u := rapid.Int64().Draw(t, "signed"), rapid.Uint64().Draw(t, "unsigned")
		before := rapid.Int64Range(-1, 1<<40).Draw(t, "before")
		next := before + rapid.Int64Range(1, 1<<40).Draw(t, "difference")
		is, text, f := rapid.Bool().Draw(t, "truth"), rapid.String().Draw(t, "text"), rapid.Float64().Draw(t, "double")
		written := AppendUint(AppendInt(AppendWords(nil, words...), n), u)
		written = AppendDouble(AppendText(AppendBool(AppendNext(written, before, next), is), text), f)
		r := NewReader(written)
		got := make([]uint64, len(words))
		r.Words(got)
		for i := range got {
			if got[i] != words[i] {
				t.Fatalf("%x became %x", words, got)
			}
		}
		if r.Int() != n || r.Uint() != u || r.Next(before) != next || r.Bool() != is || r.Text() != text || r.Double() != f || r.End() != nil {
			t.Fatalf("something else was read of %x: %v", written, r.Err())
		}
	})
}

// TestWhatIsNotAFormIsRefused has bytes that no Append function writes.
func TestWhatIsNotAFormIsRefused(t *testing.T) {
	read := func(f func(*Reader)) func(*Reader) { return f }
	for name, c := range map[string]struct {
		src  string
		read func(*Reader)
		want string
	}{
		"a number that is cut off":   {"\x80", read(func(r *Reader) { r.Uint() }), "byte 0: a number is cut off"},
		"a number that is too long":  {"\x81\x00", read(func(r *Reader) { r.Int() }), "byte 0: a number is longer than it has to be"},
		"a number that is too large": {strings.Repeat("\xff", 10) + "\x01", read(func(r *Reader) { r.Uint() }), "byte 0: a number has more than 64 bits"},
		"a text that is cut off":     {"\x05abc", read(func(r *Reader) { r.Text() }), "byte 0: 5 elements of at least 1 bytes each are more than the 3 bytes that are left hold"},
		"a list larger than memory":  {"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", read(func(r *Reader) { r.Value(types[10]) }), "byte 0: a value of type ARRAY<DOUBLE> is of kind Kind(255)"},
		"an array larger than memory": {
			"\x0b\xff\xff\xff\xff\xff\xff\xff\xff\x7f", read(func(r *Reader) { r.Value(types[10]) }),
			"byte 1: 9223372036854775807 elements of at least 1 bytes each are more than the 0 bytes that are left hold",
		},
		"a truth that is neither":    {"\x02", read(func(r *Reader) { r.Bool() }), "byte 0: 2 is neither 0 nor 1"},
		"a word too many":            {"\x09", read(func(r *Reader) { r.Words(make([]uint64, 1)) }), "byte 0: a number of at most 8 bytes has 9"},
		"a word that is too long":    {"\x02\x01\x00", read(func(r *Reader) { r.Words(make([]uint64, 1)) }), "byte 0: a number takes 2 bytes where 1 are enough"},
		"another NaN":                {"\x00\x00\x00\x00\x00\x00\xf8\x7f", read(func(r *Reader) { r.Double() }), "byte 0: a NaN has the bytes 000000000000f87f"},
		"a value of another kind":    {"\x06\x01a", read(func(r *Reader) { r.Value(bigint) }), "byte 0: a value of type BIGINT is of kind STRING"},
		"another scale":              {"\x05\x02\x00", read(func(r *Reader) { r.Value(types[4]) }), "byte 1: a value of type DECIMAL(20, 3) has the scale 2"},
		"an INT of 33 bits":          {"\x02\x80\x80\x80\x80\x10", read(func(r *Reader) { r.Value(row.Of(row.Int)) }), "byte 1: 2147483648 is not in the range from -2147483648 to 2147483647"},
		"a STRUCT without a field":   {"\x0d\x01\x00", read(func(r *Reader) { r.Value(pair) }), "byte 1: a STRUCT of 2 fields has 1"},
		"keys of a MAP in disorder":  {"\x0c\x02\x01b\x00\x01a\x00", read(func(r *Reader) { r.Value(types[11]) }), "byte 5: a MAP's key is not after the one before"},
		"bytes that nothing belongs": {"\x00\x00", read(func(r *Reader) { r.Value(bigint) }), "byte 1: 1 bytes are left over"},
		"-0 in a key":                {"\x04\x00\x00\x00\x00\x00\x00\x00\x80", read(func(r *Reader) { r.Keys([]row.Type{doubles}) }), "byte 0: a key has -0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := NewReader([]byte(c.src))
			c.read(r)
			if err := r.End(); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestTheNumbersOfKindsStay: they are in files that other versions of the program wrote.
func TestTheNumbersOfKindsStay(t *testing.T) {
	for want, kind := range []row.Kind{
		row.Null, row.Boolean, row.Int, row.Bigint, row.Double, row.Decimal, row.String, row.Bytes, row.Timestamp, row.Date, row.Time, row.Array, row.Map, row.Struct,
	} {
		if int(kind) != want {
			t.Errorf("%s has the number %d, want %d", kind, kind, want)
		}
	}
}

func FuzzValue(f *testing.F) {
	f.Add([]byte("\x0c\x01\x01a\x0d\x02\x03\x02\x06\x01x"))
	f.Add([]byte("\x05\x03\x02\x01\x02"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, of := range types {
			r := NewReader(src)
			v := r.Value(of)
			if r.End() == nil && !bytes.Equal(AppendValue(nil, v), src) {
				t.Errorf("%v of type %s was read of %x and is written as %x", v, of, src, AppendValue(nil, v))
			}
		}
	})
}
