package plan

import "parallax/processors/row"

// asDecimal is the DECIMAL that an integer type is beside a DECIMAL.
func asDecimal(t row.Type) row.Type {
	switch t.Kind {
	case row.Int:
		return row.DecimalType(10, 0)
	case row.Bigint:
		return row.DecimalType(19, 0)
	}
	return t
}

// minScale is what a DECIMAL's scale shrinks to at most, to make room before
// the point.
const minScale = 6

// bounded brings a result past 38 digits back: the scale shrinks, to no less
// than 6.
func bounded(precision, scale int) row.Type {
	if over := precision - row.MaxPrecision; over > 0 {
		scale = max(scale-over, min(scale, minScale))
		precision = row.MaxPrecision
	}
	return row.DecimalType(precision, scale)
}

// keepingScale is the DECIMAL with so many digits before and after the point, or as
// many before it as there is room for: no digit after the point is given up.
func keepingScale(whole, scale int) row.Type {
	return row.DecimalType(min(row.MaxPrecision, whole+scale), scale)
}

// arithmeticType is the type of l op r, both numeric.
func arithmeticType(op byte, l, r row.Type) row.Type {
	switch {
	case l.Kind == row.Double || r.Kind == row.Double:
		return row.Of(row.Double)
	case l.Kind != row.Decimal && r.Kind != row.Decimal:
		return row.Of(max(l.Kind, r.Kind)) // INT < BIGINT
	}
	l, r = asDecimal(l), asDecimal(r)
	p1, s1, p2, s2 := l.Precision, l.Scale, r.Precision, r.Scale
	switch op {
	case '*':
		return bounded(p1+p2, s1+s2)
	case '/':
		scale := max(6, s1+p2+1)
		return bounded(p1-s1+s2+scale, scale)
	case '%':
		return keepingScale(min(p1-s1, p2-s2), max(s1, s2))
	default:
		return keepingScale(max(p1-s1, p2-s2)+1, max(s1, s2))
	}
}

// common is the type that both can be brought to, for CASE, COALESCE and the
// like. A NULL takes the other's. A DECIMAL keeps the larger scale: of its values
// those with too many digits before the point do not fit, and none is rounded.
func common(a, b row.Type) (row.Type, bool) {
	switch {
	case a.Kind == row.Null:
		return b, true
	case b.Kind == row.Null || a.Equal(b):
		return a, true
	case a.Kind.IsNested() && a.Kind == b.Kind:
		return commonNested(a, b)
	case !a.IsNumeric() || !b.IsNumeric():
		return row.Type{}, false
	case a.Kind == row.Double || b.Kind == row.Double:
		return row.Of(row.Double), true
	case a.Kind != row.Decimal && b.Kind != row.Decimal:
		return row.Of(max(a.Kind, b.Kind)), true
	}
	a, b = asDecimal(a), asDecimal(b)
	return keepingScale(max(a.Precision-a.Scale, b.Precision-b.Scale), max(a.Scale, b.Scale)), true
}

// commonNested is the type with the common types of what both hold. STRUCTs have
// to have the same fields.
func commonNested(a, b row.Type) (row.Type, bool) {
	t := row.Of(a.Kind)
	if a.Elem != nil {
		elem, ok := common(*a.Elem, *b.Elem)
		t.Elem = &elem
		return t, ok
	}
	if len(a.Fields) != len(b.Fields) {
		return t, false
	}
	for i, f := range a.Fields {
		field, ok := common(f.Type, b.Fields[i].Type)
		if !ok || f.Name != b.Fields[i].Name {
			return t, false
		}
		t.Fields = append(t.Fields, row.Column{Name: f.Name, Type: field})
	}
	return t, true
}
