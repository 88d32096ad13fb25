package row_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

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
		return row.NewDecimal(row.Int128Of(rapid.Int64Range(-5, 5).Draw(t, "decimal")), 2)
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
		if want := string([]rune(s)); back != want { // each bad byte becomes U+FFFD
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
