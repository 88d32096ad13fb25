package generate

import (
	"fmt"
	"strconv"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// literal is a constant of a type.
func (g *generator) literal(t row.Type) sql.Expr {
	if g.one(12) {
		return null(t)
	}
	switch t.Kind {
	case row.Boolean:
		return &sql.Bool{Value: g.one(2)}
	case row.Int:
		return number(pick(g, "0", "1", "2", "3", "7", "-1", "-4", "100", "2147483647"))
	case row.Bigint:
		return number(pick(g, "0", "1", "2", "5", "-3", "1000", "4294967296", "185542587187199999", "9223372036854775807", "-9223372036854775808"))
	case row.Double:
		return number(pick(g, "0e0", "1e0", "2.5e0", "-0.1e0", "1e3", "1e300", "3"))
	case row.Decimal:
		return number(g.decimalText(t))
	case row.String:
		return &sql.Text{Value: g.word()}
	case row.Bytes:
		return call("TO_BYTES", &sql.Text{Value: g.word()}, &sql.Text{Value: "utf8"})
	case row.Timestamp:
		return &sql.TypedText{Kind: row.Timestamp, Value: pick(g, "1970-01-01T00:01:40", "1970-01-01T00:02:00.500", "2024-02-29T12:34:56.789", "1969-12-31T23:59:59", "9999-12-31T23:59:59.999", "0001-01-01T00:00:00",
			// Clocks go back, and forward, in Europe and America.
			"2025-10-26T02:30:00", "2025-03-30T02:30:00", "2025-11-02T01:30:00", "2025-03-09T02:30:00")}
	case row.Date:
		return &sql.TypedText{Kind: row.Date, Value: pick(g, "1970-01-01", "2024-02-29", "1999-12-31", "9999-12-31", "0001-01-01")}
	case row.Time:
		return &sql.TypedText{Kind: row.Time, Value: pick(g, "00:00:00", "00:01:40", "23:59:59.999")}
	case row.Array:
		a := &sql.ArrayOf{}
		for range 1 + g.IntN(3) {
			a.Items = append(a.Items, g.literal(*t.Elem))
		}
		return a
	case row.Map:
		m := &sql.MapOf{}
		for i := range 1 + g.IntN(2) {
			m.Entries = append(m.Entries, sql.MapEntry{Key: &sql.Text{Value: pick(g, "a", "b", "A") + strings.Repeat("x", i)}, Value: g.literal(*t.Elem)})
		}
		return m
	}
	s := &sql.StructOf{}
	for _, f := range t.Fields {
		s.Fields = append(s.Fields, sql.StructField{Name: sql.Name{Text: f.Name}, Value: g.literal(f.Type)})
	}
	return s
}

// null is NULL of a type.
func null(t row.Type) sql.Expr { return cast(&sql.Null{}, t) }

// isNull reports whether an expression is NULL of a type.
func isNull(x sql.Expr) bool {
	c, ok := x.(*sql.Cast)
	if !ok {
		return false
	}
	_, ok = c.X.(*sql.Null)
	return ok
}

func cast(x sql.Expr, t row.Type) sql.Expr {
	return &sql.Cast{X: x, Type: sql.TypeName{Type: t}}
}

func call(name string, args ...sql.Expr) *sql.Call {
	return &sql.Call{Name: sql.Name{Text: name}, Args: args}
}

// number is a number, perhaps with a minus.
func number(digits string) sql.Expr {
	if positive, ok := strings.CutPrefix(digits, "-"); ok {
		return &sql.Unary{Op: "-", X: &sql.Number{Text: positive}}
	}
	return &sql.Number{Text: digits}
}

// decimalText is a number that a DECIMAL can be: small, or with all its digits before the
// point, or only nines, which rounding gives one digit more.
func (g *generator) decimalText(t row.Type) string {
	whole, nines := pick(g, "0", "1", "3"), false
	switch {
	case t.Precision == t.Scale:
		whole = "0"
	case g.one(8):
		whole, nines = strings.Repeat("9", t.Precision-t.Scale), g.one(2)
	}
	s := pick(g, "", "", "-") + whole
	switch {
	case t.Scale > 0 && nines:
		s += "." + strings.Repeat("9", t.Scale)
	case t.Scale > 0:
		s += "." + fmt.Sprintf("%0*d", t.Scale, pick(g, 0, 5, 1))[:t.Scale]
	}
	return s
}

// word is a text: short, now and then of another kind.
func (g *generator) word() string {
	return pick(g, "", "a", "A", "b", "abc", "a b", "é", "x,y", "10", "-2.5", "+07", "1e3", "4.0", " .5", "1e-2147483648", "true", "2024-02-29", "it's", `\`, "%", "a_c", `{"a":1,"b":[2,"x"]}`, "[1,2,3]", strconv.Itoa(g.IntN(20)))
}
