package expression

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/processors/row/rowtest"
)

func TestADecimalBecomesTheNearestDouble(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := row.NewDecimal(rowtest.Decimals().Draw(t, "unscaled"), rapid.IntRange(0, row.MaxPrecision).Draw(t, "scale"))
		if rapid.Bool().Draw(t, "small") {
			v = row.NewDecimal(numeric.Int128Of(rapid.Int64Range(-1<<54, 1<<54).Draw(t, "small unscaled")), rapid.IntRange(0, 30).Draw(t, "small scale"))
		}
		want, err := strconv.ParseFloat(v.String(), 64)
		if got, ok := toDouble(v); !ok || err != nil || got.Float64() != want {
			t.Fatalf("%s becomes %s, want %v", v, got, want)
		}
	})
}
