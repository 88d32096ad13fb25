package numeric_test

import (
	"math/big"
	"strings"
	"testing"

	"parallax/processors/numeric"
)

// The texts that are numbers are the ones that java.math.BigDecimal(String) accepts.
func TestNumericText(t *testing.T) {
	for _, text := range []string{"7", "+007", "-0", "5.", ".5", "-.5", "1e3", "1E+3", "1.e-2", "4.000"} {
		if _, _, ok := numeric.ParseDecimal(text); !ok {
			t.Errorf("%q is no DECIMAL", text)
		}
		if _, ok := numeric.ParseRounded(text, 2); !ok {
			t.Errorf("%q is no number to be rounded", text)
		}
		if _, ok := numeric.ParseDouble(text); !ok {
			t.Errorf("%q is no DOUBLE", text)
		}
	}
	for _, text := range []string{"", ".", "+", "e5", "1e", "1e+", "--1", "+-1", " 1", "1 ", "1_000", "0x10", "1.2.3", "1٣", "inf", "1e3.5"} {
		if _, _, ok := numeric.ParseDecimal(text); ok {
			t.Errorf("%q is a DECIMAL", text)
		}
		if _, ok := numeric.ParseRounded(text, 2); ok {
			t.Errorf("%q is rounded", text)
		}
		if _, ok := numeric.ParseDouble(text); ok {
			t.Errorf("%q is a DOUBLE", text)
		}
		if _, ok := numeric.ParseWhole(text); ok {
			t.Errorf("%q is a whole number", text)
		}
	}
}

func TestWholeNumbersAreReadInAnyWriting(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "+7": 7, "0000000000000000000000000007": 7, "1e3": 1000, "1.50e1": 15,
		"9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63, "0e99999999999999999999": 0,
	} {
		if got, ok := numeric.ParseWhole(text); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
		if got, ok := numeric.ParseWhole([]byte(text)); !ok || got != want {
			t.Errorf("%s as bytes: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"9223372036854775808", "-9223372036854775809", "1e19", "1.5", "1e-1", "1e-2147483648"} {
		if got, ok := numeric.ParseWhole(text); ok {
			t.Errorf("%s: %d", text, got)
		}
	}
}

// big.Rat is the reference, where an exponent is not too large for it.
func TestNumbersOfAnyLengthAreRounded(t *testing.T) {
	long := strings.Repeat("9", 60)
	for _, text := range []string{
		"0." + long, "-0." + long, "0.00499999999999999999999999999999999999999999999", "0.005", "-0.005", "1." + long, "12345678901234567890123456789012345.678",
		"0.000000000000000000000000000000000000000000001e44", long + "e-58", "1e-2", "5e-3", "4e-3", "5e-4", "123", "1e34",
	} {
		for _, scale := range []int{0, 2, 3} {
			exact, _ := new(big.Rat).SetString(text)
			want := exact.FloatString(scale)
			if strings.Trim(want, "-0.") == "" {
				want = strings.TrimPrefix(want, "-")
			}
			v, ok := numeric.ParseRounded(text, scale)
			if got := string(v.AppendDecimal(nil, scale)); !ok || got != want {
				t.Errorf("%s to %d digits: %s, %v, not %s", text, scale, got, ok, want)
			}
		}
	}
	for text, isZero := range map[string]bool{
		"1e-2147483648": true, "-1e-99999999999999999999": true, "0e99999999999999999999": true, "1e99999999999999999999": false, "1e37": false, long: false,
		"0." + strings.Repeat("0", 2_000_000) + "1e2000001": false,
	} {
		v, ok := numeric.ParseRounded(text, 2)
		if ok != isZero && len(text) < 100 || ok && isZero && v.Sign() != 0 {
			t.Errorf("%.40s: %v, %v", text, v, ok)
		}
	}
	far := "0." + strings.Repeat("0", 2_000_000) + "1e2000001"
	if v, ok := numeric.ParseRounded(far, 0); !ok || v != numeric.Int128Of(1) {
		t.Errorf("a number of two million zeros: %v, %v, not 1", v, ok)
	}
	if v, scale, ok := numeric.ParseDecimal(far); !ok || scale != 0 || v != numeric.Int128Of(1) {
		t.Errorf("a number of two million zeros: %v with scale %d, %v, not 1", v, scale, ok)
	}
}
