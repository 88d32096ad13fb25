package sensitivity

import (
	"math"
	"slices"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// changed returns the value changed by the smallest unit of its type: 1, the last digit of a
// DECIMAL, the last place of a DOUBLE, one bit of one byte of a text, one element inside an
// ARRAY, MAP or STRUCT. ok is false for NULL, NaN, and where there is nothing inside.
func changed(v row.Value, pick uint64) (w row.Value, ok bool) {
	switch kind := v.Kind(); kind {
	case row.Null:
		return v, false
	case row.Boolean:
		return row.NewBoolean(!v.Bool()), true
	case row.Double:
		f := v.Float64()
		switch {
		case f != f:
			return v, false
		case f == 0:
			return row.NewDouble(math.SmallestNonzeroFloat64), true
		}
		return row.NewDouble(math.Nextafter(f, 0)), true
	case row.Decimal:
		unscaled, scale := v.Decimal()
		one := numeric.Int128Of(1)
		if unscaled.Sign() > 0 {
			one = numeric.Int128Of(-1)
		}
		sum, fits := unscaled.Add(one)
		return row.NewDecimal(sum, scale), fits
	case row.String, row.Bytes:
		if v.Str() == "" {
			return row.NewText(kind, "?"), true
		}
		text := []byte(v.Str())
		text[pick%uint64(len(text))] ^= 1
		return row.NewText(kind, string(text)), true
	case row.Array, row.Map, row.Struct:
		return changedInside(v, pick)
	default: // towards 0, so that no type's range is left
		if n := v.Int64(); n > 0 {
			return row.NewIntegral(kind, n-1), true
		}
		return row.NewIntegral(kind, v.Int64()+1), true
	}
}

// changedInside changes one element.
func changedInside(v row.Value, pick uint64) (w row.Value, ok bool) {
	elements := v.Elements()
	for step := range elements {
		i := (int(pick%uint64(len(elements))) + step) % len(elements)
		e, ok := changed(elements[i], pick)
		if !ok {
			continue
		}
		own := slices.Clone(elements)
		own[i] = e
		switch v.Kind() {
		case row.Array:
			return row.NewArray(own), true
		case row.Map:
			return row.NewMap(v.Names(), own), true
		}
		return row.NewStruct(v.Names(), own), true
	}
	return v, false
}

// retyped returns the same number in another type or scale; ok is false for a value that is no
// number, or that no other type holds exactly.
func retyped(v row.Value) (w row.Value, ok bool) {
	switch v.Kind() {
	case row.Int:
		return row.NewBigint(v.Int64()), true
	case row.Bigint:
		return row.NewDecimal(numeric.Int128Of(v.Int64()), 0), true
	case row.Decimal:
		unscaled, scale := v.Decimal()
		more, fits := numeric.DecimalRescale(unscaled, scale, scale+1)
		return row.NewDecimal(more, scale+1), fits
	case row.Double:
		f := v.Float64()
		const exact = 1 << 53
		if f != math.Trunc(f) || math.Abs(f) > exact {
			return v, false
		}
		return row.NewBigint(int64(f)), true
	}
	return v, false
}
