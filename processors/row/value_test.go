package row_test

import (
	"cmp"
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// value draws a value of a kind, or NULL.
func value(t *rapid.T, k row.Kind) row.Value {
	if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return row.Value{}
	}
	switch k {
	case row.Boolean:
		return row.NewBoolean(rapid.Bool().Draw(t, "bool"))
	case row.Double:
		return row.NewDouble(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1.5, math.NaN(), math.Inf(1), math.Inf(-1), 1e300}).Draw(t, "double"))
	case row.Decimal:
		return row.NewDecimal(numeric.Int128Of(rapid.Int64Range(-5, 5).Draw(t, "decimal")), 2)
	case row.String:
		return row.NewString(rapid.SampledFrom([]string{"", "a", "ab", "\x00", "a\x00", "NULL", "null", "é", "\U0001f600"}).Draw(t, "string"))
	default:
		return row.NewIntegral(k, rapid.Int64Range(-3, 3).Draw(t, "int"))
	}
}

func TestKeysHaveTheSameBytesIffTheyAreEqual(t *testing.T) {
	kinds := []row.Kind{row.Boolean, row.Int, row.Bigint, row.Double, row.Decimal, row.String, row.Timestamp}
	rapid.Check(t, func(t *rapid.T) {
		k1, k2 := rapid.SampledFrom(kinds).Draw(t, "first"), rapid.SampledFrom(kinds).Draw(t, "second")
		a, b := []row.Value{value(t, k1), value(t, k2)}, []row.Value{value(t, k1), value(t, k2)}
		same := string(row.AppendKey(nil, a...)) == string(row.AppendKey(nil, b...))
		if equal := row.EqualValues(a, b); equal != same {
			t.Fatalf("%v and %v: equal %v, same bytes %v", a, b, equal, same)
		}
		if ordered := row.CompareKeys(a, b); (ordered == 0) != same || ordered != -row.CompareKeys(b, a) {
			t.Fatalf("%v and %v compare as %d and %d", a, b, ordered, row.CompareKeys(b, a))
		}
	})
}

func TestStringsAreWrittenAsJSONReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		var back string
		if err := json.Unmarshal(row.AppendJSONString(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := string([]rune(s)); back != want { // each invalid byte becomes U+FFFD
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestDoublesAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		want, err := json.Marshal(f)
		if err != nil {
			t.Skip("not finite")
		}
		if got := string(row.AppendJSON(nil, row.NewDouble(f))); got != string(want) {
			t.Fatalf("%v is written %s, want %s", f, got, want)
		}
	})
	for f, want := range map[float64]string{math.Inf(1): `"Infinity"`, math.Inf(-1): `"-Infinity"`} {
		if got := string(row.AppendJSON(nil, row.NewDouble(f))); got != want {
			t.Errorf("%v is written %s, want %s", f, got, want)
		}
	}
	if got := string(row.AppendJSON(nil, row.NewDouble(math.NaN()))); got != `"NaN"` {
		t.Errorf("NaN is written %s", got)
	}
}

func TestABatchThatIsWrittenToChangesItsChecksum(t *testing.T) {
	source := &row.Source{Columns: []row.Column{{Name: "A", Type: row.Of(row.Bigint)}}, Needed: []bool{true}}
	table := row.NewTable(source, 1)
	table.Columns[0].AppendInt64(7)
	table.EndRow()
	b := row.NewBatch(0, 0, []row.Record{{Value: []byte("x")}}, []*row.Table{table})
	before := b.Checksum()
	if again := b.Checksum(); again != before {
		t.Fatal("the checksum is not stable")
	}
	b.Record(0).Value[0] = 'y'
	if b.Checksum() == before {
		t.Error("a written value was not noticed")
	}
	b.Record(0).Value[0] = 'x'
	table.Reset()
	table.Columns[0].AppendInt64(8)
	table.EndRow()
	if b.Checksum() == before {
		t.Error("a written column was not noticed")
	}
}

// TestADecimalOfAnySizeIsKept tests the high word, whose lower 48 bits are stored apart
// from the rest.
func TestADecimalOfAnySizeIsKept(t *testing.T) {
	highs := []int64{0, -1, 1 << 46, 1<<47 - 1, 1 << 47, -1 << 47, -1<<47 - 1, 1<<62 - 1, 1 << 62, math.MinInt64}
	for i, x := range highs {
		one := numeric.Int128{Hi: x, Lo: 7}
		v := row.NewDecimal(one, 3)
		if got, scale := v.Decimal(); got != one || scale != 3 {
			t.Errorf("%x: %x, scale %d", one, got, scale)
		}
		for j, y := range highs {
			same := i == j
			other := row.NewDecimal(numeric.Int128{Hi: y, Lo: 7}, 3)
			if got := row.Equal(v, other); got != same {
				t.Errorf("%x and %x: equal is %v", x, y, got)
			}
			a, b := []row.Value{v}, []row.Value{other}
			if got := row.EqualValues(a, b); got != same {
				t.Errorf("%x and %x: their tuples are equal is %v", x, y, got)
			}
			if got := row.Hash(a) == row.Hash(b); got != same {
				t.Errorf("%x and %x: their hashes are equal is %v", x, y, got)
			}
			of := func(values []row.Value) uint64 { return row.Digest(&row.Change{Values: values}, nil) }
			if got := of(a) == of(b); got != same {
				t.Errorf("%x and %x: their digests are equal is %v", x, y, got)
			}
			if got, want := row.Compare(v, other), cmp.Compare(x, y); got != want {
				t.Errorf("%x and %x: compared %d, want %d", x, y, got, want)
			}
		}
		if row.Equal(v, row.NewDecimal(one, 4)) {
			t.Errorf("%x: equal at another scale", x)
		}
	}
}
