package typing

import "parallax/processors/row"

// AsDecimal is the DECIMAL that an integer type is beside a DECIMAL.
func AsDecimal(t row.Type) row.Type {
	switch t.Kind {
	case row.Int:
		return row.DecimalType(10, 0)
	case row.Bigint:
		return row.DecimalType(19, 0)
	}
	return t
}

// minScale is the smallest scale to which a DECIMAL's scale is reduced to make room for
// digits before the point.
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

// keepingScale returns the DECIMAL with the given numbers of digits before and after the
// point. If that exceeds MaxPrecision, it reduces the digits before the point and never the
// scale.
func keepingScale(whole, scale int) row.Type {
	return row.DecimalType(min(row.MaxPrecision, whole+scale), scale)
}

// Rounded returns the type of a number that is rounded to fewer digits. A DECIMAL gets one more
// digit before the point, up to 38 digits, because 9.99 becomes 10.00.
func Rounded(t row.Type) row.Type {
	if t.Kind != row.Decimal {
		return t
	}
	return keepingScale(t.Precision-t.Scale+1, t.Scale)
}

// Arithmetic returns the type of l op r, where op is one of + - * / % and both types are
// numeric.
func Arithmetic(op byte, l, r row.Type) row.Type {
	switch {
	case l.Kind == row.Double || r.Kind == row.Double:
		return row.Of(row.Double)
	case l.Kind != row.Decimal && r.Kind != row.Decimal:
		return row.Of(max(l.Kind, r.Kind)) // INT < BIGINT
	}
	l, r = AsDecimal(l), AsDecimal(r)
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
