package row_test

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// TestEqualKeyedComparesEverything checks the comparison in one pass against separate
// comparisons of keys and values: with texts shorter and longer than a word, shared and
// copied, and with any number of leading values.
func TestEqualKeyedComparesEverything(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) row.Value {
		return rapid.SampledFrom([]row.Value{
			{},
			row.NewInt(1), row.NewBigint(1), row.NewDouble(0), row.NewDecimal(numeric.Int128Of(15), 1), row.NewString(""), row.NewString("a"),
			row.NewString("abcd"), row.NewString("abce"), row.NewString("xbcd"), row.NewString("abcdefgh"), row.NewString("abcdefgi"),
			row.NewString("abcdefghijklm"), row.NewString("abcdxfghijklm"), row.NewString("abcdefghijklmnopqrst"), row.NewBytes([]byte("abcd")),
			row.NewArray([]row.Value{row.NewString("abcd")}),
		}).Draw(t, "value")
	})
	rapid.Check(t, func(t *rapid.T) {
		leading := rapid.IntRange(0, 2).Draw(t, "leading")
		a := row.Change{Key: rapid.SliceOfN(value, 0, 3).Draw(t, "key")}
		a.Values = append(append(a.Values, a.Key[:min(leading, len(a.Key))]...), rapid.SliceOfN(value, 0, 3).Draw(t, "values")...)
		b := row.Change{Key: row.CloneAll(a.Key), Values: row.CloneAll(a.Values)}
		if rapid.Bool().Draw(t, "shared") {
			copy(b.Values, b.Key[:min(leading, len(b.Key), len(b.Values))])
		}
		for _, tuple := range [][]row.Value{a.Key, a.Values, b.Key, b.Values} {
			if len(tuple) > 0 && rapid.IntRange(0, 5).Draw(t, "change") == 0 {
				tuple[rapid.IntRange(0, len(tuple)-1).Draw(t, "column")] = value.Draw(t, "other")
			}
		}
		want := row.EqualValues(a.Key, b.Key) && row.EqualValues(a.Values, b.Values)
		if got := row.EqualKeyed(&a, &b, leading); got != want {
			t.Fatalf("%v %v and %v %v, %d leading: equal %v, want %v", a.Key, a.Values, b.Key, b.Values, leading, got, want)
		}
	})
}
