package numeric_test

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
)

func TestNumbersAreWrittenAsStrconvWritesThem(t *testing.T) {
	for n, shift := uint64(0), 0; shift < 64; shift++ {
		for _, around := range []uint64{n, 1 << shift, 1<<shift - 1} {
			if got, want := string(numeric.AppendUint([]byte("x"), around)), "x"+strconv.FormatUint(around, 10); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		n = n*10 + 9
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got, want := string(numeric.AppendInt(nil, n)), strconv.FormatInt(n, 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestADecimalHasItsScalesDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 1_000_000_000)).Draw(t, "n")
		scale := rapid.IntRange(1, numeric.MaxPrecision).Draw(t, "scale")
		digits := strconv.FormatUint(n, 10)
		if short := scale + 1 - len(digits); short > 0 {
			digits = strings.Repeat("0", short) + digits
		}
		point := len(digits) - scale
		want := "x" + digits[:point] + "." + digits[point:]
		if got := string(numeric.Int128{Lo: n}.AppendDecimal([]byte("x"), scale)); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
