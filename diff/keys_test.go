package diff_test

import (
	"testing"
	"unsafe"

	"parallax/diff"
	"parallax/processors/row"
)

// TestRowsOfV2WithAnotherKeyDiffer modifies the keys of all of V2's rows, or of one. Both
// sides reuse their keys, or neither does.
func TestRowsOfV2WithAnotherKeyDiffer(t *testing.T) {
	for name, key := range map[string]func(key []row.Value) []row.Value{
		"no key":                      func([]row.Value) []row.Value { return nil },
		"an empty key":                func([]row.Value) []row.Value { return []row.Value{} },
		"a column fewer":              func(key []row.Value) []row.Value { return key[:1] },
		"a column more":               func(key []row.Value) []row.Value { return append(key[:2:2], row.NewBigint(1)) },
		"a column more that is NULL":  func(key []row.Value) []row.Value { return append(key[:2:2], row.Value{}) },
		"a column that is NULL":       func(key []row.Value) []row.Value { return []row.Value{key[0], {}} },
		"the columns the wrong way":   func(key []row.Value) []row.Value { return []row.Value{key[1], key[0]} },
		"a text of another length":    func(key []row.Value) []row.Value { return []row.Value{key[0], row.NewString("SYM0000")} },
		"a text with the same prefix": func(key []row.Value) []row.Value { return []row.Value{key[0], row.NewString(key[1].Str()[:5])} },
	} {
		for _, keep := range []bool{true, false} {
			for _, all := range []bool{true, false} {
				d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
				one, two := tradeRows(8, 4, keep)
				d.Compare(one, two)
				if roots, _ := d.Counts(); roots != 0 {
					t.Fatalf("%s: %d divergences between equal rows", name, roots)
				}
				for i := range two.Changes {
					if all || i == 3 {
						two.Changes[i].Key = key(two.Changes[i].Key)
					}
				}
				d.Compare(one, two)
				if r := d.Result(); r.Root == 0 || r.LevelHeld != diff.None {
					t.Errorf("%s (keys kept %v, in all rows %v): %d divergences, level %s", name, keep, all, r.Root, r.LevelHeld)
				}
			}
		}
	}
}

// writable returns a text with memory that the test may overwrite, like a V2 that reuses a
// buffer.
func writable(s string) (row.Value, []byte) {
	b := []byte(s)
	return row.NewString(unsafe.String(unsafe.SliceData(b), len(b))), b
}

// TestAKeyThatV2WritesOverIsFound: the comparison has seen V2's key at the same address
// with the correct contents before.
func TestAKeyThatV2WritesOverIsFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		first func(one, two *row.Outcome) // modifies the first batch
	}{
		{"after a batch that agreed", func(_, _ *row.Outcome) {}},
		{"after a batch in which only V2 had the key", func(one, _ *row.Outcome) { one.Changes = nil }},
		{"after a batch in which a value differed", func(_, two *row.Outcome) {
			two.Changes[0].Values = append([]row.Value(nil), two.Changes[0].Values...)
			two.Changes[0].Values[2] = row.NewBigint(-1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
			one, two := tradeRows(8, 4, true)
			text, bytes := writable("SYM000")
			keys := map[*row.Written][]row.Value{}
			for i := range two.Changes {
				w := two.Changes[i].Written
				if keys[w] == nil {
					keys[w] = []row.Value{two.Changes[i].Key[0], text}
				}
				two.Changes[i].Key = keys[w]
				copy(two.Changes[i].Values, keys[w])
			}
			first, second := *one, *two
			first.Changes, second.Changes = append([]row.Change(nil), one.Changes...), append([]row.Change(nil), two.Changes...)
			c.first(&first, &second)
			d.Compare(&first, &second)
			before, _ := d.Counts()
			d.Compare(one, two)
			if after, _ := d.Counts(); after != before {
				t.Fatalf("%d divergences between equal rows", after-before)
			}
			bytes[5] = '1'
			d.Compare(one, two)
			if after, _ := d.Counts(); after == before {
				t.Error("V2 wrote over the text of its keys, and nothing was found")
			}
			bytes[5] = '0'
			before, _ = d.Counts()
			d.Compare(one, two)
			if after, _ := d.Counts(); after != before {
				t.Errorf("%d divergences between rows that are equal again", after-before)
			}
		})
	}
}

// TestWhatV2SaysOfItsKeysIsNotBelieved: V2 creates the rows, including the field in which
// an encoder and the comparison cache data about a key.
func TestWhatV2SaysOfItsKeysIsNotBelieved(t *testing.T) {
	d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
	one, two := tradeRows(8, 4, true)
	for i := range two.Changes {
		two.Changes[i].Written = one.Changes[i].Written
	}
	d.Compare(one, two)
	two.Changes[2].Key = two.Changes[3].Key // with the cache of the correct key
	d.Compare(one, two)
	if roots, _ := d.Counts(); roots == 0 {
		t.Error("a row has the key of another one, and nothing was found")
	}
}
