package typing

import (
	"parallax/processors/row"

	"parallax/processors/numeric"
)

// Fit converts a value to a type that has a common type with its own, without loss: only a
// conversion to DOUBLE rounds, to the nearest one. ok is false if the value does not fit.
func Fit(v row.Value, t row.Type) (_ row.Value, ok bool) {
	switch {
	case v.IsNull():
		return v, true
	case !t.IsNumeric():
		if t.Kind.IsNested() {
			return fitNested(v, t)
		}
		return v, v.Kind() == t.Kind
	case !row.Of(v.Kind()).IsNumeric():
		return row.Value{}, false
	case t.Kind == row.Double:
		return row.NewDouble(v.AsDouble()), true
	case v.Kind() == row.Double:
		return row.Value{}, false
	}
	unscaled, scale := numeric.Int128Of(v.Int64()), 0
	if v.Kind() == row.Decimal {
		unscaled, scale = v.Decimal()
	}
	if t.Kind == row.Decimal {
		d, ok := numeric.DecimalFits(unscaled, scale, t.Precision, t.Scale)
		return row.NewDecimal(d, t.Scale), ok
	}
	d, ok := numeric.DecimalFits(unscaled, scale, row.MaxPrecision, 0)
	n, whole := d.Int64()
	return row.NewIntegral(t.Kind, n), ok && whole && (t.Kind == row.Bigint || n == int64(int32(n)))
}

func fitNested(v row.Value, t row.Type) (row.Value, bool) {
	from := v.Elements()
	out := make([]row.Value, len(from))
	for i, e := range from {
		of := t.Elem
		if of == nil {
			of = &t.Fields[i].Type
		}
		var ok bool
		if out[i], ok = Fit(e, *of); !ok {
			return row.Value{}, false
		}
	}
	switch t.Kind {
	case row.Array:
		return row.NewArray(out), true
	case row.Map:
		return row.NewMap(v.Names(), out), true
	}
	return row.NewStruct(v.Names(), out), true
}

// Exactly returns the type for comparing values of type own with values of another type if
// both must have one type: own, or DOUBLE if one of them is a DOUBLE. A value of the other
// type that does not fit it equals no value of own.
func Exactly(own, other row.Type) row.Type {
	switch {
	case own.Kind != row.Double && other.Kind == row.Double && own.IsNumeric():
		return other
	case own.Kind != other.Kind || !own.Kind.IsNested():
		return own
	case own.Elem != nil:
		elem := Exactly(*own.Elem, *other.Elem)
		return row.Type{Kind: own.Kind, Elem: &elem}
	}
	t := row.Of(own.Kind)
	for i, f := range own.Fields {
		t.Fields = append(t.Fields, row.Column{Name: f.Name, Type: Exactly(f.Type, other.Fields[i].Type)})
	}
	return t
}
