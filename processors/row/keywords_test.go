package row_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// keyValues are values of all kinds that keys have, many of them nearly equal.
func keyValues() *rapid.Generator[row.Value] {
	text := rapid.OneOf(
		rapid.StringMatching(`[ab]{0,20}`), rapid.StringMatching(`a{0,18}b?`), rapid.SampledFrom([]string{"\x00", "\x00\x00", "a\x00", "\x00a"}),
	)
	return rapid.OneOf(
		rapid.Just(row.Value{}),
		rapid.Map(text, row.NewString),
		rapid.Map(text, func(s string) row.Value { return row.NewBytes([]byte(s)) }),
		rapid.Map(rapid.Int64Range(-2, 2), row.NewBigint),
		rapid.Map(rapid.Int64Range(-2, 2), row.NewInt),
		rapid.Map(rapid.Bool(), row.NewBoolean),
		rapid.Map(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, math.NaN(), math.Inf(1)}), row.NewDouble),
		rapid.Custom(func(t *rapid.T) row.Value {
			v := numeric.Int128{Hi: rapid.Int64Range(-1, 1).Draw(t, "high"), Lo: rapid.Uint64Range(0, 2).Draw(t, "low")}
			return row.NewDecimal(v, rapid.IntRange(0, 2).Draw(t, "scale"))
		}),
	)
}

// TestKeysAreEqualWhenTheirWordsAre: long texts must be compared in addition.
func TestKeysAreEqualWhenTheirWordsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 2).Draw(t, "columns")
		tuples := rapid.SliceOfN(keyValues(), n, n)
		a, b := tuples.Draw(t, "a"), tuples.Draw(t, "b")
		wordsA, wordsB := make([]uint64, n*row.KeyWords), make([]uint64, n*row.KeyWords)
		long := row.Words(wordsA, a)
		row.Words(wordsB, b)
		if got := slices.Equal(wordsA, wordsB); got != row.EqualValues(a, b) && !long {
			t.Fatalf("%v and %v: the words' equality is %v", a, b, got)
		}
		if got, want := row.HashWords(wordsA), row.Hash(a); got != want {
			t.Fatalf("%v has hash %x by its words, %x by its values", a, got, want)
		}
	})
}

// TestAColumnHasTheWordsOfItsValues checks every second row.
func TestAColumnHasTheWordsOfItsValues(t *testing.T) {
	types := []row.Type{{Kind: row.String}, {Kind: row.Bigint}, {Kind: row.Double}, {Kind: row.Decimal, Precision: 20, Scale: 2}}
	rapid.Check(t, func(t *rapid.T) {
		column := row.Column{Name: "C", Type: rapid.SampledFrom(types).Draw(t, "type")}
		table := row.NewTable(&row.Source{Columns: []row.Column{column}, Needed: []bool{true}}, 1)
		c := table.Columns[0]
		var rows []int32
		var want []uint64
		wantLong := false
		for i := range int32(rapid.IntRange(0, 8).Draw(t, "rows")) {
			appendRandom(t, c)
			table.EndRow()
			if i%2 == 0 {
				continue
			}
			rows = append(rows, i)
			words := make([]uint64, row.KeyWords)
			wantLong = row.Words(words, []row.Value{c.Value(int(i))}) || wantLong
			want = append(append(want, 7), words...)
		}
		got := slices.Repeat([]uint64{7}, len(want))
		hashes := make([]uint64, len(rows))
		row.StartHashes(hashes)
		long := c.Words(got[min(1, len(got)):], 1+row.KeyWords, hashes, rows)
		row.EndHashes(hashes)
		for k, r := range rows {
			if want := row.Hash([]row.Value{c.Value(int(r))}); hashes[k] != want {
				t.Fatalf("row %d has hash %x, want %x", r, hashes[k], want)
			}
		}
		if long != wantLong || !slices.Equal(got, want) {
			t.Fatalf("got %x, %v; want %x, %v", got, long, want, wantLong)
		}
		values := make([]row.Value, 2*len(rows))
		c.Gather(values[min(1, len(values)):], 2, rows)
		for k, r := range rows {
			if want := c.Value(int(r)); !row.Equal(values[2*k+1], want) {
				t.Fatalf("row %d is gathered as %v, want %v", r, values[2*k+1], want)
			}
		}
	})
}

func appendRandom(t *rapid.T, c *row.Vector) {
	if rapid.IntRange(0, 3).Draw(t, "null") == 0 {
		c.AppendNull()
		return
	}
	switch c.Type.Kind {
	case row.String:
		c.AppendStr(rapid.StringMatching(`[ab]{0,18}`).Draw(t, "text"))
	case row.Double:
		c.AppendFloat64(rapid.Float64().Draw(t, "double"))
	case row.Decimal:
		c.AppendInt128(numeric.Int128Of(rapid.Int64().Draw(t, "decimal")))
	default:
		c.AppendInt64(rapid.Int64().Draw(t, "number"))
	}
}
