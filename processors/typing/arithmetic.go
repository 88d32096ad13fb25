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

// Rounded is the type of a number that was rounded to fewer digits: a DECIMAL has one digit
// more before the point, up to 38 digits, since 9.99 becomes 10.00.
func Rounded(t row.Type) row.Type {
	if t.Kind != row.Decimal {
		return t
	}
	return keepingScale(t.Precision-t.Scale+1, t.Scale)
}

// Arithmetic is the type of l op r, op being one of + - * / %, both numeric.
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
