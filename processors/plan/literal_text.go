package plan

import (
	"strings"

	"parallax/processors/functions"
	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/processors/sql"
	"parallax/processors/typing"
)

// A text literal next to values of another type is read as that type: '4.000' beside an INT
// is 4, as in ksqlDB. Texts that are not literals are not converted.

// readTexts reads the text literals in a list as the type of the other expressions, if one
// of these is not a STRING. e are the expressions in the script.
func (sc *scope) readTexts(e []sql.Expr, list []Expr, what string) error {
	var beside Expr
	t := row.Type{}
	for _, x := range list {
		if isText(x) {
			continue
		}
		wider, ok := typing.Common(t, x.Type())
		if !ok {
			return nil // commonOf reports the error
		}
		if t = wider; beside == nil && x.Type().Kind != row.Null {
			beside = x
		}
	}
	if beside == nil || t.Kind == row.String {
		return nil
	}
	for i, x := range list {
		if !isText(x) {
			continue
		}
		read, ok := readLike(x, t)
		if !ok {
			return sc.b.errorf(e[i].Pos(), "%s cannot be read as %s, the type of %s in %s", x, t, beside, what)
		}
		list[i] = read
	}
	return nil
}

// isText reports whether an expression is a text literal, or an ARRAY or MAP of text
// literals and NULLs.
func isText(x Expr) bool {
	switch x := x.(type) {
	case *Literal:
		return x.T.Kind == row.String && !x.Value.IsNull()
	case *Call:
		if x.Func != functions.ArrayConstructor && x.Func != functions.MapConstructor {
			return false
		}
		some := false
		for _, v := range x.values() {
			if lit, ok := v.(*Literal); ok && lit.Value.IsNull() {
				continue
			}
			if !isText(v) {
				return false
			}
			some = true
		}
		return some
	}
	return false
}

// values returns the elements of an ARRAY constructor, or the values of a MAP constructor.
func (c *Call) values() []Expr {
	if c.Func == functions.MapConstructor {
		return c.Args[len(c.Args)/2:]
	}
	return c.Args
}

// readLike reads an expression for which isText is true as type t, or as a type that has a
// common type with it: a number that does not fit an INT is read as a BIGINT or a DECIMAL.
func readLike(x Expr, t row.Type) (Expr, bool) {
	if lit, ok := x.(*Literal); ok {
		return readLiteral(lit.Value.Str(), t)
	}
	call := x.(*Call)
	if x.Type().Kind != t.Kind {
		return nil, false
	}
	out := &Call{Func: call.Func, Args: append([]Expr(nil), call.Args...)}
	elem := row.Type{}
	for i, v := range out.values() {
		read := Expr(&Literal{})
		if isText(v) {
			var ok bool
			if read, ok = readLike(v, *t.Elem); !ok {
				return nil, false
			}
		}
		out.values()[i] = read
		var ok bool
		if elem, ok = typing.Common(elem, read.Type()); !ok {
			return nil, false
		}
	}
	for i, v := range out.values() {
		out.values()[i] = convert(v, elem)
	}
	out.T = row.Type{Kind: t.Kind, Elem: &elem}
	return out, true
}

// readLiteral reads a text literal beside a value of a type.
func readLiteral(text string, t row.Type) (Expr, bool) {
	if t.Kind == row.Int || t.Kind == row.Bigint || t.Kind == row.Decimal {
		return readNumber(text, t.Kind)
	}
	v, ok := readAs(text, t)
	return &Literal{Value: v, T: t}, ok
}

// readNumber reads a text as an exact number: beside an integer a whole number is an
// INT or BIGINT where it fits, everything else is a DECIMAL of the digits that it has.
func readNumber(text string, beside row.Kind) (Expr, bool) {
	v, scale, ok := numeric.ParseDecimal(text)
	if !ok || scale > row.MaxPrecision {
		return nil, false
	}
	if whole, ok := numeric.DecimalFits(v, scale, row.MaxPrecision, 0); ok && beside != row.Decimal {
		if n, ok := whole.Int64(); ok {
			kind := beside
			if n != int64(int32(n)) {
				kind = row.Bigint
			}
			return &Literal{Value: row.NewIntegral(kind, n), T: row.Of(kind)}, true
		}
		v, scale = whole, 0
	}
	return &Literal{Value: row.NewDecimal(v, scale), T: row.DecimalType(max(v.Digits(), scale, 1), scale)}, true
}

// literalAs converts x to the type of other if x is a text literal and other is not.
func (sc *scope) literalAs(at sql.Pos, x, other Expr) (Expr, error) {
	t := other.Type()
	if !isText(x) || isText(other) || t.Kind == row.String || t.Kind == row.Null {
		return x, nil
	}
	read, ok := readLike(x, t)
	lit, isLiteral := x.(*Literal)
	if sys, isSystem := other.(*System); !ok && isLiteral && isSystem && sys.Which == RowTime {
		if ms, isTime := row.ParseTimestamp(lit.Value.Str()); isTime {
			read, ok = &Literal{Value: row.NewBigint(ms), T: t}, true
		}
	}
	if !ok {
		return nil, sc.b.errorf(at, "%s is compared with %s, a %s, and cannot be read as one", x, other, t)
	}
	return read, nil
}

// readAs reads a string literal as a value of type t.
func readAs(text string, t row.Type) (row.Value, bool) {
	switch t.Kind {
	case row.Boolean:
		yes, ok := readBoolean(text)
		return row.NewBoolean(yes), ok
	case row.Int, row.Bigint:
		n, ok := numeric.ParseWhole(text)
		return row.NewIntegral(t.Kind, n), ok && (t.Kind == row.Bigint || n == int64(int32(n)))
	case row.Double:
		f, ok := numeric.ParseDouble(text)
		return row.NewDouble(f), ok
	case row.Decimal:
		v, scale, ok := numeric.ParseDecimal(text)
		return row.NewDecimal(v, scale), ok && scale <= row.MaxPrecision
	case row.Timestamp:
		ms, ok := row.ParseTimestamp(text)
		return row.NewTimestamp(ms), ok
	case row.Date:
		days, ok := row.ParseDate(text)
		return row.NewIntegral(row.Date, days), ok
	case row.Time:
		ms, ok := row.ParseTime(text)
		return row.NewIntegral(row.Time, ms), ok
	case row.String:
		return row.NewString(text), true
	}
	return row.Value{}, false
}

// readBoolean reads true, yes, false and no, in any case, and their prefixes, as ksqlDB
// does.
func readBoolean(text string) (yes, ok bool) {
	begins := func(word string) bool {
		return text != "" && len(text) <= len(word) && strings.EqualFold(text, word[:len(text)])
	}
	switch {
	case begins("true"), begins("yes"):
		return true, true
	case begins("false"), begins("no"):
		return false, true
	}
	return false, false
}
