package numeric_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
)

// int128 draws numbers of every size, with many small ones.
func int128(t *rapid.T, label string) numeric.Int128 {
	digits := rapid.IntRange(1, 38).Draw(t, label+" digits")
	text := rapid.StringMatching(`-?[1-9][0-9]{0,37}`).Draw(t, label)
	b, _ := new(big.Int).SetString(text, 10)
	b.Rem(b, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	v, ok := numeric.Int128FromBig(b)
	if !ok {
		t.Fatalf("%s does not fit", b)
	}
	return v
}

func TestInt128AgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := int128(t, "a"), int128(t, "b")
		x, y := a.Big(), b.Big()
		check := func(op string, got numeric.Int128, ok bool, want *big.Int) {
			if fits := want.BitLen() <= 127; ok != fits {
				t.Fatalf("%s %s %s: fits = %v, want %v", x, op, y, ok, fits)
			}
			if ok && got.Big().Cmp(want) != 0 {
				t.Fatalf("%s %s %s = %s, want %s", x, op, y, got.Big(), want)
			}
		}
		sum, ok := a.Add(b)
		check("+", sum, ok, new(big.Int).Add(x, y))
		diff, ok := a.Sub(b)
		check("-", diff, ok, new(big.Int).Sub(x, y))
		product, ok := a.Mul(b)
		check("*", product, ok, new(big.Int).Mul(x, y))
		if got, want := a.Cmp(b), x.Cmp(y); got != want {
			t.Fatalf("%s cmp %s = %d, want %d", x, y, got, want)
		}
		if got, want := a.Digits(), len(strings.TrimPrefix(x.String(), "-")); got != want {
			t.Fatalf("digits of %s = %d, want %d", x, got, want)
		}
	})
}

func TestDecimalTextIsExactAndReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := int128(t, "a")
		scale := rapid.IntRange(0, 38).Draw(t, "scale")
		text := string(a.AppendDecimal(nil, scale))
		want := new(big.Rat).SetFrac(a.Big(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
		if a.Sign() < 0 && strings.Trim(want, "-0.") == "" {
			want = "-" + strings.TrimPrefix(want, "-")
		}
		if text != want {
			t.Fatalf("%s at scale %d is written %s, want %s", a.Big(), scale, text, want)
		}
		back, gotScale, ok := numeric.ParseDecimal(text)
		if !ok || gotScale != scale || back != a {
			t.Fatalf("%s reads back as %s at scale %d, %v", text, back.Big(), gotScale, ok)
		}
	})
}

func TestDecimalDivisionRoundsHalfAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := int128(t, "a"), int128(t, "b")
		sa, sb, scale := rapid.IntRange(0, 12).Draw(t, "sa"), rapid.IntRange(0, 12).Draw(t, "sb"), rapid.IntRange(0, 12).Draw(t, "scale")
		got, ok := numeric.DecimalDiv(a, sa, b, sb, scale)
		if b.Sign() == 0 {
			if ok {
				t.Fatal("division by zero has a result")
			}
			return
		}
		exact := new(big.Rat).SetFrac(a.Big(), b.Big())
		exact.Mul(exact, new(big.Rat).SetFrac(tenTo(sb+scale), tenTo(sa)))
		want := roundHalfAway(exact)
		if fits := len(new(big.Int).Abs(want).String()) <= 38; ok != fits {
			t.Fatalf("fits = %v, want %v (%s)", ok, fits, want)
		}
		if ok && got.Big().Cmp(want) != 0 {
			t.Fatalf("got %s, want %s", got.Big(), want)
		}
	})
}

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// roundHalfAway rounds by doubling: floor((2|x|+1)/2), sign put back.
func roundHalfAway(x *big.Rat) *big.Int {
	twice := new(big.Rat).Mul(new(big.Rat).Abs(x), big.NewRat(2, 1))
	twice.Add(twice, big.NewRat(1, 1))
	q := new(big.Int).Quo(twice.Num(), twice.Denom())
	q.Rsh(q, 1)
	if x.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text     string
		unscaled string
		scale    int
		ok       bool
	}{
		{"0", "0", 0, true},
		{"-0", "0", 0, true},
		{"0.00", "0", 2, true},
		{"1.10", "110", 2, true},
		{"-12.5", "-125", 1, true},
		{"1e3", "1000", 0, true},
		{"1.5E-2", "15", 3, true},
		{"1.50e1", "150", 1, true},
		{".5", "5", 1, true},
		{"5.", "5", 0, true},
		{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999", 0, true},
		{"999999999999999999999999999999999999990", "", 0, false}, // 39 digits
		{"1.00000000000000000000000000000000000000000", "10000000000000000000000000000000000000", 37, true},
		{"0.000000000000000000000000000000000000000000000001", "1", 48, true},
		{"1e38", "", 0, false},
		{"1e37", "10000000000000000000000000000000000000", 0, true},
		{"0e999999999", "0", 0, true},
		{"", "", 0, false},
		{"-", "", 0, false},
		{".", "", 0, false},
		{"1e", "", 0, false},
		{"1e+", "", 0, false},
		{"1.2.3", "", 0, false},
		{"12a", "", 0, false},
		{"NaN", "", 0, false},
	} {
		v, scale, ok := numeric.ParseDecimal(c.text)
		if ok != c.ok || ok && (v.Big().String() != c.unscaled || scale != c.scale) {
			t.Errorf("ParseDecimal(%q) = %s, %d, %v; want %s, %d, %v", c.text, v.Big(), scale, ok, c.unscaled, c.scale, c.ok)
		}
	}
}

func TestDecimalFitsOnlyWithoutLoss(t *testing.T) {
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string
		ok               bool
	}{
		{"1.10", 10, 2, "110", true},
		{"1.1", 10, 2, "110", true},
		{"1.100", 10, 2, "110", true},
		{"1.101", 10, 2, "", false},
		{"12345678.90", 10, 2, "1234567890", true},
		{"123456789.90", 10, 2, "", false},
		{"-0.005", 5, 2, "", false},
		{"0e50", 5, 2, "0", true},
	} {
		v, from, ok := numeric.ParseDecimal(c.text)
		if !ok {
			t.Fatalf("%s is no number", c.text)
		}
		got, ok := numeric.DecimalFits(v, from, c.precision, c.scale)
		if ok != c.ok || ok && got.Big().String() != c.want {
			t.Errorf("%s into DECIMAL(%d,%d) = %s, %v; want %s, %v", c.text, c.precision, c.scale, got.Big(), ok, c.want, c.ok)
		}
	}
}
