package row

import (
	"math"
	"slices"

	"parallax/processors/numeric"
)

// Vector is one column of a Table: its values and, for each row, whether it is not NULL.
type Vector struct {
	Type  Type
	valid []bool
	ints  []int64  // all other kinds; the low word of a DECIMAL; the bits of a DOUBLE
	highs []int64  // the high word of a DECIMAL
	strs  []string // STRING, BYTES
	// nested are ARRAY, MAP and STRUCT.
	nested []Value
}

// NewVector returns an empty column.
func NewVector(t Type) *Vector { return newVector(t, 0) }

func newVector(t Type, capacity int) *Vector {
	v := &Vector{Type: t, valid: make([]bool, 0, capacity)}
	switch t.Kind {
	case String, Bytes:
		v.strs = make([]string, 0, capacity)
	case Array, Map, Struct:
		v.nested = make([]Value, 0, capacity)
	case Decimal:
		v.highs = make([]int64, 0, capacity)
		fallthrough
	default:
		v.ints = make([]int64, 0, capacity)
	}
	return v
}

// Reset empties the column and keeps its memory.
func (v *Vector) Reset() { v.truncate(0) }

// Len returns the number of rows.
func (v *Vector) Len() int { return len(v.valid) }

// Valid reports whether row i is not NULL.
func (v *Vector) Valid(i int) bool { return v.valid[i] }

// Int64 returns row i of an integral column: BOOLEAN, INT, BIGINT, TIMESTAMP,
// TIME, DATE.
func (v *Vector) Int64(i int) int64 { return v.ints[i] }

// Float64 returns row i of a DOUBLE column.
func (v *Vector) Float64(i int) float64 { return math.Float64frombits(uint64(v.ints[i])) }

// Int128 returns row i of a DECIMAL column: its unscaled value at Type.Scale.
func (v *Vector) Int128(i int) numeric.Int128 {
	return numeric.Int128{Hi: v.highs[i], Lo: uint64(v.ints[i])}
}

// Str returns row i of a STRING or BYTES column.
func (v *Vector) Str(i int) string { return v.strs[i] }

// Value returns row i as a Value.
func (v *Vector) Value(i int) Value {
	if !v.valid[i] {
		return Value{}
	}
	switch v.Type.Kind {
	case String, Bytes:
		return newText(v.Type.Kind, v.strs[i])
	case Array, Map, Struct:
		return v.nested[i]
	case Decimal:
		return NewDecimal(v.Int128(i), v.Type.Scale)
	default:
		return fromBits(v.Type.Kind, uint64(v.ints[i]))
	}
}

// AppendNull appends NULL.
func (v *Vector) AppendNull() {
	v.valid = append(v.valid, false)
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = append(v.strs, "")
	case Array, Map, Struct:
		v.nested = append(v.nested, Value{})
	case Decimal:
		v.highs = append(v.highs, 0)
		fallthrough
	default:
		v.ints = append(v.ints, 0)
	}
}

// AppendInt64 appends to an integral column.
func (v *Vector) AppendInt64(n int64) {
	v.valid = append(v.valid, true)
	v.ints = append(v.ints, n)
}

// AppendFloat64 appends to a DOUBLE column.
func (v *Vector) AppendFloat64(f float64) { v.AppendInt64(int64(math.Float64bits(f))) }

// AppendInt128 appends an unscaled value to a DECIMAL column.
func (v *Vector) AppendInt128(n numeric.Int128) {
	v.valid = append(v.valid, true)
	v.ints = append(v.ints, int64(n.Lo))
	v.highs = append(v.highs, n.Hi)
}

// AppendStr appends to a STRING or BYTES column. The text may share the memory of the
// record that it was decoded from: clone it to keep it longer than the batch.
func (v *Vector) AppendStr(s string) {
	v.valid = append(v.valid, true)
	v.strs = append(v.strs, s)
}

// AppendNested appends to an ARRAY, MAP or STRUCT column.
func (v *Vector) AppendNested(value Value) {
	v.valid = append(v.valid, true)
	v.nested = append(v.nested, value)
}

// AppendValue appends a Value of the column's type, or NULL. A DECIMAL with another scale
// is converted to the column's scale.
func (v *Vector) AppendValue(value Value) {
	switch kind := v.Type.Kind; {
	case value.IsNull():
		v.AppendNull()
	case kind == String || kind == Bytes:
		v.AppendStr(value.Str())
	case kind == Array || kind == Map || kind == Struct:
		v.AppendNested(value)
	case kind == Decimal:
		d, scale := value.Decimal()
		if scale != v.Type.Scale {
			d, _ = numeric.DecimalRescale(d, scale, v.Type.Scale)
		}
		v.AppendInt128(d)
	default:
		v.AppendInt64(int64(value.n))
	}
}

// Int64s returns the rows of an integral column from row i on, to be filled: for a DOUBLE
// column the bits, for a DECIMAL column the low words, with high words of 0.
func (v *Vector) Int64s(i int) []int64 { return v.ints[i:] }

// Strs returns the rows of a STRING or BYTES column from row i on, to be filled.
func (v *Vector) Strs(i int) []string { return v.strs[i:] }

// SetNull makes row i NULL.
func (v *Vector) SetNull(i int) { v.valid[i] = false }

// Set overwrites row i by row j of a column of the same type.
func (v *Vector) Set(i int, o *Vector, j int) {
	v.valid[i] = o.valid[j]
	switch v.Type.Kind {
	case String, Bytes:
		v.strs[i] = o.strs[j]
	case Array, Map, Struct:
		v.nested[i] = o.nested[j]
	case Decimal:
		v.highs[i] = o.highs[j]
		fallthrough
	default:
		v.ints[i] = o.ints[j]
	}
}

// extend appends n rows that are not NULL.
func (v *Vector) extend(n int) {
	from := len(v.valid)
	v.valid = slices.Grow(v.valid, n)[:from+n]
	for i := range v.valid[from:] {
		v.valid[from+i] = true
	}
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = slices.Grow(v.strs, n)[:from+n]
	case Array, Map, Struct:
		v.nested = slices.Grow(v.nested, n)[:from+n]
	case Decimal:
		v.highs = slices.Grow(v.highs, n)[:from+n]
		clear(v.highs[from:])
		fallthrough
	default:
		v.ints = slices.Grow(v.ints, n)[:from+n]
	}
}

func (v *Vector) appendFrom(o *Vector, i int) {
	v.valid = append(v.valid, o.valid[i])
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = append(v.strs, o.strs[i])
	case Array, Map, Struct:
		v.nested = append(v.nested, o.nested[i])
	case Decimal:
		v.highs = append(v.highs, o.highs[i])
		fallthrough
	default:
		v.ints = append(v.ints, o.ints[i])
	}
}

func (v *Vector) truncate(n int) {
	if len(v.valid) <= n {
		return
	}
	v.valid = v.valid[:n]
	switch v.Type.Kind {
	case String, Bytes:
		clear(v.strs[n:]) // the texts keep their records' memory alive
		v.strs = v.strs[:n]
	case Array, Map, Struct:
		clear(v.nested[n:])
		v.nested = v.nested[:n]
	case Decimal:
		v.highs = v.highs[:n]
		fallthrough
	default:
		v.ints = v.ints[:n]
	}
}
