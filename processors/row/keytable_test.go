package row_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// valueGenerator draws values of every kind, including equal values with different
// representations. There are few values, so that keys coincide.
func valueGenerator() *rapid.Generator[row.Value] {
	return rapid.SampledFrom([]row.Value{
		{},
		row.NewBoolean(false), row.NewBoolean(true), row.NewInt(0), row.NewInt(1), row.NewBigint(0), row.NewBigint(1),
		row.NewDouble(0), row.NewDouble(math.Copysign(0, -1)), row.NewDouble(math.NaN()), row.NewDouble(-math.NaN()), row.NewDouble(1),
		row.NewDecimal(numeric.Int128Of(10), 1), row.NewDecimal(numeric.Int128Of(100), 2), row.NewDecimal(numeric.Int128{Hi: 1}, 0),
		row.NewString(""), row.NewString("a"), row.NewString("ab"), row.NewString("abc"), row.NewString("abcd"), row.NewString("abcdefgh"),
		row.NewString("abcdefghi"), row.NewString("a text that is longer than sixteen"), row.NewBytes([]byte("ab")), row.NewTimestamp(1),
	})
}

func TestKeysThatAreEqualHaveTheSameHashAndBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(valueGenerator(), 0, 3).Draw(t, "a")
		b := rapid.SliceOfN(valueGenerator(), 0, 3).Draw(t, "b")
		equal := row.EqualValues(a, b)
		if sameBytes := string(row.AppendKey(nil, a...)) == string(row.AppendKey(nil, b...)); sameBytes != equal {
			t.Fatalf("%v and %v: equal %v, same bytes %v", a, b, equal, sameBytes)
		}
		if sameHash := row.Hash(a) == row.Hash(b); sameHash != equal {
			t.Fatalf("%v and %v: equal %v, same hash %v", a, b, equal, sameHash)
		}
		if row.Hash(row.CloneAll(a)) != row.Hash(a) {
			t.Fatalf("%v: a clone has another hash", a)
		}
	})
}

// TestHashesSpreadKeysOverPartitions: keys that differ in one digit must not leave
// partitions idle, for any N.
func TestHashesSpreadKeysOverPartitions(t *testing.T) {
	const keys = 4000
	for _, n := range []uint64{2, 3, 4, 7, 8, 16} {
		for name, key := range map[string]func(i int) []row.Value{
			"numbers": func(i int) []row.Value { return []row.Value{row.NewBigint(int64(i))} },
			"names":   func(i int) []row.Value { return []row.Value{row.NewString(fmt.Sprintf("SYM%04d", i))} },
			"pairs": func(i int) []row.Value {
				return []row.Value{row.NewString(fmt.Sprintf("TRADER%02d", i%20)), row.NewString(fmt.Sprintf("SYM%03d", i/20))}
			},
		} {
			held := make([]float64, n)
			for i := range keys {
				held[row.Hash(key(i))%n]++
			}
			mean := float64(keys) / float64(n)
			for p, got := range held {
				if math.Abs(got-mean) > 5*math.Sqrt(mean) { // five standard deviations
					t.Errorf("%s over %d: partition %d has %v of %d keys", name, n, p, got, keys)
				}
			}
		}
	}
}

func TestAKeyTableHoldsWhatWasPutIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table row.KeyTable[int]
		model := map[int64]int{}
		tuple := func(n int64) []row.Value { return []row.Value{row.NewBigint(n)} }
		for step := range rapid.IntRange(0, 200).Draw(t, "steps") {
			n := rapid.Int64Range(0, 60).Draw(t, "key")
			found := table.Find(row.Hash(tuple(n)), tuple(n))
			if _, known := model[n]; known != (found != nil) || known && found.Data != model[n] {
				t.Fatalf("key %d: found %v, want %v", n, found, model)
			}
			switch {
			case found == nil:
				table.Add(row.Hash(tuple(n)), tuple(n)).Data = step
				model[n] = step
			case rapid.Bool().Draw(t, "delete"):
				table.Delete(found)
				delete(model, n)
			case rapid.IntRange(0, 9).Draw(t, "retain") == 0:
				table.Retain(func(k *row.Key[int]) bool { return k.Values[0].Int64()%2 == 0 })
				for k := range model {
					if k%2 != 0 {
						delete(model, k)
					}
				}
			}
			if table.Len() != len(model) {
				t.Fatalf("%d keys, want %d", table.Len(), len(model))
			}
		}
		seen := 0
		table.All(func(k *row.Key[int]) {
			seen++
			if model[k.Values[0].Int64()] != k.Data {
				t.Fatalf("key %v has %d", k.Values, k.Data)
			}
		})
		if seen != len(model) {
			t.Fatalf("%d keys seen of %d", seen, len(model))
		}
	})
}
