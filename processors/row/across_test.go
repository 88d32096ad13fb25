package row_test

import (
	"math"
	"testing"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

func decimal(t *testing.T, text string) row.Value {
	t.Helper()
	d, scale, ok := numeric.ParseDecimal(text)
	if !ok {
		t.Fatalf("%s is no DECIMAL", text)
	}
	return row.NewDecimal(d, scale)
}

// By java.math.BigDecimal.compareTo; a DOUBLE by Double.compare with doubleValue().
func TestNumbersOfSeveralTypesCompareAsNumbers(t *testing.T) {
	for _, c := range []struct {
		a, b row.Value
		want int
	}{
		{row.NewInt(7), row.NewBigint(7), 0},
		{row.NewInt(math.MinInt32), row.NewBigint(math.MinInt64), 1},
		{row.NewBigint(7), decimal(t, "7.000"), 0},
		{decimal(t, "0.0000004"), decimal(t, "0.00"), 1},
		{decimal(t, "1"), decimal(t, "100000000000000000000000000000000000.00"), -1},
		{row.NewBigint(math.MaxInt64), decimal(t, "9223372036854775807.000000000000000001"), -1},
		{decimal(t, "0.1"), row.NewDouble(0.1), 0},
		{row.NewDouble(math.NaN()), row.NewInt(1), 1},
		{row.Value{}, row.NewInt(math.MinInt32), -1},
		{row.NewArray([]row.Value{row.NewInt(1), {}}), row.NewArray([]row.Value{decimal(t, "1.0"), {}}), 0},
		{row.NewArray([]row.Value{row.NewInt(1)}), row.NewArray([]row.Value{decimal(t, "1.0"), {}}), -1},
		{row.NewMap([]string{"a"}, []row.Value{row.NewInt(1)}), row.NewMap([]string{"b"}, []row.Value{row.NewBigint(1)}), -1},
		{row.NewStruct([]string{"X"}, []row.Value{row.NewInt(2)}), row.NewStruct([]string{"X"}, []row.Value{decimal(t, "1.99")}), 1},
	} {
		if got := row.CompareAcross(c.a, c.b); got != c.want {
			t.Errorf("%s beside %s: %d, not %d", c.a, c.b, got, c.want)
		}
		if got := row.CompareAcross(c.b, c.a); got != -c.want {
			t.Errorf("%s beside %s: %d, not %d", c.b, c.a, got, -c.want)
		}
	}
}
