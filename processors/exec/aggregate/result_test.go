package aggregate

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/row/rowtest"
)

// folded runs one aggregate over values of a type, as an engine does.
func folded(t rapid.TB, f aggregates.Name, arg, result row.Type, values []row.Value) (row.Value, error) {
	call := plan.AggregateCall{Func: f, Args: []plan.Expr{&plan.Column{T: arg}}, Type: result}
	read, err := CompileArgument(call.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	table := row.NewTable(&row.Source{Columns: []row.Column{{Name: "X", Type: arg}}, Needed: []bool{true}}, len(values))
	how, a, err := new(Layout).Compile(&call)
	if err != nil {
		t.Fatal(err)
	}
	group := Group{Words: make([]uint64, words[how.op]), Texts: []string{""}}
	for i, v := range values {
		appendValue(table.Columns[0], v)
		table.EndRow()
		var o Operand
		if bad := read.Read(&expression.Env{Table: table, Row: i}, &o); bad > expression.IsNull {
			t.Fatal(bad.Err())
		}
		how.Run([]Group{group}, []Operand{o}, nil)
	}
	var v row.Value
	bad := a.result(&a, &group, &v)
	if bad != expression.Sound {
		v.SetNull()
	}
	return v, bad.Err()
}

func appendValue(c *row.Vector, v row.Value) {
	switch d, _ := v.Decimal(); v.Kind() {
	case row.Null:
		c.AppendNull()
	case row.String:
		c.AppendStr(v.Str())
	case row.Decimal:
		c.AppendInt128(d)
	case row.Double:
		c.AppendFloat64(v.Float64())
	default:
		c.AppendInt64(v.Int64())
	}
}

func TestSumAndAvgOfDecimalsAreThoseOfMathBig(t *testing.T) {
	const scale, avgScale = 2, 6
	arg := row.DecimalType(row.MaxPrecision, scale)
	limit := numeric.Pow10(row.MaxPrecision).Big()
	rapid.Check(t, func(t *rapid.T) {
		unscaled := rapid.SliceOfN(rowtest.Decimals(), 1, 12).Draw(t, "values")
		var values []row.Value
		sum := new(big.Int)
		for _, u := range unscaled {
			values = append(values, row.NewDecimal(u, scale))
			sum.Add(sum, u.Big())
		}

		got, err := folded(t, aggregates.Sum, arg, arg, values)
		if fits := sum.CmpAbs(limit) < 0; fits != (err == nil) {
			t.Fatalf("the sum %s: %v, %v", sum, got, err)
		} else if d, s := got.Decimal(); fits && (s != scale || d.Big().Cmp(sum) != 0) {
			t.Fatalf("the sum is %s, want %s", got, sum)
		}

		// FloatString rounds half away from zero.
		exact := new(big.Rat).SetFrac(sum, big.NewInt(int64(len(values))))
		exact.Mul(exact, new(big.Rat).SetFrac(expression.TenTo(avgScale), expression.TenTo(scale)))
		avg, _ := new(big.Int).SetString(exact.FloatString(0), 10)
		got, err = folded(t, aggregates.Avg, arg, row.DecimalType(row.MaxPrecision, avgScale), values)
		if fits := avg.CmpAbs(limit) < 0; fits != (err == nil) {
			t.Fatalf("the average %s: %v, %v", avg, got, err)
		} else if d, s := got.Decimal(); fits && (s != avgScale || d.Big().Cmp(avg) != 0) {
			t.Fatalf("the average is %s, want %s millionths", got, avg)
		}
	})
}

func TestSumAndAvgOfBigintsAreExactBeforeTheyAreRounded(t *testing.T) {
	bigint := row.Of(row.Bigint)
	ends := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, 1<<53 + 1, -1}))
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(ends, 1, 12).Draw(t, "values")
		var values []row.Value
		sum := new(big.Int)
		for _, n := range numbers {
			values = append(values, row.NewBigint(n))
			sum.Add(sum, big.NewInt(n))
		}
		got, err := folded(t, aggregates.Sum, bigint, bigint, values)
		if sum.IsInt64() != (err == nil) || err == nil && got.Int64() != sum.Int64() {
			t.Fatalf("the sum is %s, %v, want %s", got, err, sum)
		}
		nearest, _ := new(big.Float).SetInt(sum).Float64()
		got, err = folded(t, aggregates.Avg, bigint, row.Of(row.Double), values)
		if want := nearest / float64(len(values)); err != nil || got.Float64() != want {
			t.Fatalf("the average is %s, %v, want %v", got, err, want)
		}
	})
}

func TestDoublesAreAddedInInputOrder(t *testing.T) {
	double := row.Of(row.Double)
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Float64(), 1, 12).Draw(t, "values")
		var values []row.Value
		want := 0.0
		for _, f := range numbers {
			values = append(values, row.NewDouble(f))
			want += f
		}
		got, err := folded(t, aggregates.Sum, double, double, values)
		if err != nil || !row.Equal(got, row.NewDouble(want)) {
			t.Fatalf("the sum is %s, %v, want %v", got, err, want)
		}
	})
}

func TestASumThatLeftItsRangeMayComeBack(t *testing.T) {
	bigint := row.Of(row.Bigint)
	most, least := row.NewBigint(math.MaxInt64), row.NewBigint(-math.MaxInt64)
	if got, err := folded(t, aggregates.Sum, bigint, bigint, []row.Value{most, most}); err == nil {
		t.Errorf("twice the largest BIGINT is %s", got)
	}
	got, err := folded(t, aggregates.Sum, bigint, bigint, []row.Value{most, most, least, row.NewBigint(-7)})
	if err != nil || got.Int64() != math.MaxInt64-7 {
		t.Errorf("the sum is %s, %v", got, err)
	}
}

func TestAggregatesOfNothingAreNullAndCountIsNought(t *testing.T) {
	bigint := row.Of(row.Bigint)
	for _, nothing := range [][]row.Value{nil, {{}, {}}} {
		for f, want := range map[aggregates.Name]row.Value{
			aggregates.Count: row.NewBigint(0), aggregates.Sum: {}, aggregates.Avg: {}, aggregates.Min: {}, aggregates.Max: {},
		} {
			if got, err := folded(t, f, bigint, bigint, nothing); err != nil || !row.Equal(got, want) {
				t.Errorf("%s of %v is %s, %v, want %s", f, nothing, got, err, want)
			}
		}
	}
}

func TestMinAndMaxAreTheEndsOfTheOrder(t *testing.T) {
	text := row.Of(row.String)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.String(), 1, 8).Draw(t, "values")
		var values []row.Value
		least, most := texts[0], texts[0]
		for _, s := range texts {
			values = append(values, row.NewString(s))
			least, most = min(least, s), max(most, s)
		}
		for f, want := range map[aggregates.Name]string{aggregates.Min: least, aggregates.Max: most} {
			if got, err := folded(t, f, text, text, values); err != nil || got.Str() != want {
				t.Fatalf("%s is %q, %v, want %q", f, got.Str(), err, want)
			}
		}
	})
}
