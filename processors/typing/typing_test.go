package typing

import (
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

func TestACommonTypeKeepsTheLargerScale(t *testing.T) {
	d, whole := row.DecimalType, row.Of(row.Bigint)
	for _, c := range []struct{ a, b, common, sum, rest row.Type }{
		{d(10, 2), d(6, 4), d(12, 4), d(13, 4), d(6, 4)},
		{d(30, 8), d(18, 8), d(30, 8), d(31, 8), d(18, 8)},
		{d(38, 8), d(38, 8), d(38, 8), d(38, 8), d(38, 8)},
		{d(38, 18), d(38, 2), d(38, 18), d(38, 18), d(38, 18)},
		{d(38, 38), d(38, 0), d(38, 38), d(38, 38), d(38, 38)},
		{d(38, 30), whole, d(38, 30), d(38, 30), d(38, 30)},
	} {
		if got, ok := Common(c.a, c.b); !ok || !got.Equal(c.common) {
			t.Errorf("%s and %s have %s in common, not %s", c.a, c.b, got, c.common)
		}
		for _, op := range "+-" {
			if got := Arithmetic(byte(op), c.a, c.b); !got.Equal(c.sum) {
				t.Errorf("%s %c %s is %s, not %s", c.a, op, c.b, got, c.sum)
			}
		}
		if got := Arithmetic('%', c.b, c.a); !got.Equal(c.rest) {
			t.Errorf("%s %% %s is %s, not %s", c.b, c.a, got, c.rest)
		}
	}
}

func TestOnlyWhatFitsIsBroughtToAType(t *testing.T) {
	value := func(text string) row.Value {
		d, scale, _ := numeric.ParseDecimal(text)
		return row.NewDecimal(d, scale)
	}
	array := func(of row.Type) row.Type { return row.Type{Kind: row.Array, Elem: &of} }
	for _, c := range []struct {
		v    row.Value
		t    row.Type
		want string // "" where it does not fit
	}{
		{value("1.5"), row.DecimalType(4, 3), "1.500"},
		{value("1.5"), row.DecimalType(4, 0), ""},
		{value("12.5"), row.DecimalType(4, 3), ""},
		{value("7.0"), row.Of(row.Int), "7"},
		{value("2147483648"), row.Of(row.Int), ""},
		{value("2147483648"), row.Of(row.Bigint), "2147483648"},
		{row.NewBigint(1 << 40), row.Of(row.Int), ""},
		{row.NewBigint(9007199254740993), row.Of(row.Double), "9007199254740992"},
		{row.NewDouble(1), row.Of(row.Int), ""},
		{row.NewString("1"), row.Of(row.Int), ""},
		{row.NewArray([]row.Value{row.NewInt(1), {}}), array(row.DecimalType(3, 2)), "[1.00,null]"},
		{row.NewArray([]row.Value{row.NewInt(10)}), array(row.DecimalType(3, 2)), ""},
	} {
		got, ok := Fit(c.v, c.t)
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s as %s: %s, %v; wanted %q", c.v, c.t, got, ok, c.want)
		}
	}
}
