package exec

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

type placedName struct {
	name string
	placed
	entryMark
}

func TestAWindowTableHoldsWhatHasNotExpired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := windowTable[placedName, *placedName]{windowed: true}
		want := map[[2]int64]string{} // by key and end
		key := rapid.Custom(func(t *rapid.T) [2]int64 {
			return [2]int64{rapid.Int64Range(0, 3).Draw(t, "key"), rapid.Int64Range(1, 12).Draw(t, "end")}
		})
		tuple := func(of [2]int64) []row.Value {
			return []row.Value{row.NewBigint(of[0]), row.NewBigint(of[1] - 1), row.NewBigint(of[1])}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put or take": func(t *rapid.T) {
				of := key.Draw(t, "of")
				values := tuple(of)
				hash := row.Hash(values)
				k := table.Find(hash, values)
				switch {
				case (k != nil) != (want[of] != ""):
					t.Fatalf("%v is there: %v, want %v", of, k != nil, want[of] != "")
				case k == nil:
					want[of] = rapid.StringN(1, 2, 4).Draw(t, "name")
					table.Add(hash, values).Data.name = want[of]
				case k.Data.name != want[of]:
					t.Fatalf("%v is %s, want %s", of, k.Data.name, want[of])
				default:
					table.Delete(k)
					delete(want, of)
				}
			},
			"expire": func(t *rapid.T) {
				settled := rapid.Int64Range(0, 12).Draw(t, "settled")
				table.expire(settled)
				for of := range want {
					if of[1] <= settled {
						delete(want, of)
					}
				}
			},
			"": func(t *rapid.T) {
				var got, has [][2]int64
				for _, k := range table.InOrder() {
					got = append(got, [2]int64{k.Values[0].Int64(), k.Values[2].Int64()})
				}
				for of := range want {
					has = append(has, of)
				}
				slices.SortFunc(has, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
				if !slices.Equal(got, has) {
					t.Fatalf("got %v, want %v", got, has)
				}
			},
		})
	})
}

func TestATableWithoutWindowsForgetsNothing(t *testing.T) {
	var table windowTable[placedName, *placedName]
	key := []row.Value{row.NewBigint(1)}
	table.Add(row.Hash(key), key)
	table.expire(row.FinalWatermark)
	if table.Len() != 1 {
		t.Errorf("%d keys are left, want 1", table.Len())
	}
}
