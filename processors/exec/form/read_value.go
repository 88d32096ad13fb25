package form

import (
	"math"
	"slices"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Value reads a value of a type, or NULL.
func (r *Reader) Value(t row.Type) row.Value {
	at := r.at
	kind := row.Kind(r.Byte())
	if r.err != nil || kind == row.Null {
		return row.Value{}
	}
	if kind != t.Kind {
		r.failAt(at, "a value of type %s is of kind %s", t, kind)
		return row.Value{}
	}
	switch kind {
	case row.String, row.Bytes:
		return row.NewText(kind, r.Text())
	case row.Double:
		return row.NewDouble(r.Double())
	case row.Decimal:
		return r.decimal(t)
	case row.Array, row.Map, row.Struct:
		return r.nested(t)
	case row.Boolean:
		return row.NewBoolean(r.oneOf(0, 1) == 1)
	case row.Int:
		return row.NewInt(r.oneOf(-1<<31, 1<<31-1))
	}
	return row.NewIntegral(kind, r.Int())
}

// oneOf reads a number of a range.
func (r *Reader) oneOf(least, most int64) int64 {
	at := r.at
	n := r.Int()
	if n < least || n > most {
		r.failAt(at, "%d is not in the range from %d to %d", n, least, most)
		return 0
	}
	return n
}

func (r *Reader) decimal(t row.Type) row.Value {
	at := r.at
	scale := int(r.Byte())
	if r.err == nil && scale != t.Scale {
		r.failAt(at, "a value of type %s has the scale %d", t, scale)
	}
	var words [2]uint64
	r.Words(words[:])
	return row.NewDecimal(numeric.Int128{Hi: int64(words[1]), Lo: words[0]}, scale)
}

// nested reads an ARRAY, MAP or STRUCT. Types are as deep as a script wrote them, so the
// depth is bounded.
func (r *Reader) nested(t row.Type) row.Value {
	at := r.at
	each := 1
	if t.Kind == row.Map {
		each = 2
	}
	n := r.Count(each)
	if r.err == nil && t.Kind == row.Struct && n != len(t.Fields) {
		r.failAt(at, "a STRUCT of %d fields has %d", len(t.Fields), n)
	}
	if r.err != nil {
		return row.Value{}
	}
	var list []row.Value
	var names []string
	for i := range n {
		of := t.Elem
		switch t.Kind {
		case row.Struct:
			of = &t.Fields[i].Type
			names = append(names, t.Fields[i].Name)
		case row.Map:
			at := r.at
			names = append(names, r.Text())
			if i > 0 && r.err == nil && names[i-1] >= names[i] {
				r.failAt(at, "a MAP's key is not after the one before")
			}
		}
		list = append(list, r.Value(*of))
		if r.err != nil {
			return row.Value{}
		}
	}
	switch t.Kind {
	case row.Array:
		return row.NewArray(list)
	case row.Map:
		return row.NewMap(names, list)
	}
	return row.NewStruct(names, list)
}

// Key reads a value of a key, in which -0 is an error: keys have 0 instead.
func (r *Reader) Key(t row.Type) row.Value {
	at := r.at
	v := r.Value(t)
	if hasNegativeZero(v) {
		r.failAt(at, "a key has -0")
	}
	return v
}

func hasNegativeZero(v row.Value) bool {
	if v.Kind() == row.Double {
		return v.Float64() == 0 && math.Signbit(v.Float64())
	}
	return v.Kind().IsNested() && slices.ContainsFunc(v.Elements(), hasNegativeZero)
}

// Keys reads a key tuple of these types.
func (r *Reader) Keys(types []row.Type) []row.Value { return r.tuple(types, r.Key) }

// Values reads a tuple of values of these types.
func (r *Reader) Values(types []row.Type) []row.Value { return r.tuple(types, r.Value) }

func (r *Reader) tuple(types []row.Type, read func(row.Type) row.Value) []row.Value {
	if len(types) == 0 || !r.Holds(int64(len(types))) {
		return nil
	}
	values := make([]row.Value, len(types))
	for i, t := range types {
		values[i] = read(t)
	}
	return values
}
