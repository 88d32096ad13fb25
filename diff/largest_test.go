package diff_test

import (
	"math"
	"testing"

	"parallax/diff"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// far compares a batch in which V2's totals are off by some amounts, each of a key of its own.
func far(d *diff.Differ, batchNo int, keys string, off ...int64) {
	var one, two []row.Change
	for i, by := range off {
		key := keys + string(rune('a'+i))
		one, two = append(one, total(int64(i), key, 1, 100)), append(two, total(int64(i), key, 1, 100+by))
	}
	b := batch(batchNo)
	d.Compare(outcome(b, one), outcome(b, two))
}

// TestTheLargestDifferenceOfASignatureIsKept: of the run, and of each part of it.
func TestTheLargestDifferenceOfASignatureIsKept(t *testing.T) {
	d := diff.New([]*row.Sink{totals()}, diff.Options{})
	largest := func() (amount float64, v2 string) {
		t.Helper()
		s := d.Result().Signatures
		if len(s) != 1 || s[0].Largest == nil {
			t.Fatalf("no largest example: %+v", s)
		}
		return s[0].Largest.Amount, s[0].Largest.Columns[0].V2
	}
	far(d, 0, "p", 1, -7, 3)
	if amount, v2 := largest(); amount != 7 || v2 != "93" {
		t.Errorf("the largest is off by %v: %s", amount, v2)
	}
	far(d, 1, "q", 2)
	part := d.Cut()
	id := d.Result().Signatures[0].ID
	if of := part.Largest[id]; of == nil || of.Amount != 7 {
		t.Errorf("the largest of the part is %+v", of)
	}
	far(d, 2, "r", 5, 4)
	if part = d.Cut(); part.Largest[id] == nil || part.Largest[id].Amount != 5 {
		t.Errorf("the largest of the second part is %+v", part.Largest[id])
	}
	if amount, _ := largest(); amount != 7 {
		t.Errorf("the largest of the run is off by %v after a smaller one", amount)
	}
	far(d, 3, "s", 9)
	if amount, _ := largest(); amount != 9 {
		t.Errorf("the largest of the run is off by %v after a larger one", amount)
	}
	if part = d.Cut(); len(part.Largest) != 1 {
		t.Errorf("the third part has %d", len(part.Largest))
	}
	if part = d.Cut(); len(part.Largest) != 0 {
		t.Errorf("a part without divergences has %d", len(part.Largest))
	}
}

// TestWhatIsNoNumberHasNoLargestDifference: a text, NULL, a row that one side has, not-a-number. A
// number inside a column counts, and an infinite distance is finite, because JSON has no other.
func TestWhatIsNoNumberHasNoLargestDifference(t *testing.T) {
	of := func(name string, v row.Value) row.Value { return row.NewStruct([]string{name}, []row.Value{v}) }
	for name, c := range map[string]struct {
		v1, v2 row.Value
		want   float64
	}{
		"texts":             {row.NewString("a"), row.NewString("b"), 0},
		"NULL":              {row.NewBigint(1), row.Value{}, 0},
		"a number in both":  {row.NewBigint(1), row.NewDouble(3.5), 2.5},
		"times":             {row.NewTimestamp(1000), row.NewTimestamp(400), 600},
		"decimals":          {row.NewDecimal(numeric.Int128Of(125), 2), row.NewDecimal(numeric.Int128Of(1), 0), 0.25},
		"NaN":               {row.NewDouble(math.NaN()), row.NewDouble(1), 0},
		"infinite":          {row.NewDouble(math.Inf(1)), row.NewDouble(1), math.MaxFloat64},
		"inside":            {of("x", row.NewBigint(4)), of("x", row.NewBigint(1)), 3},
		"only the type":     {row.NewBigint(1), row.NewDouble(1), 0},
		"numbers and texts": {row.NewBigint(1), row.NewString("7"), 0},
	} {
		d := diff.New([]*row.Sink{{Topic: "out", Key: []row.Column{{Name: "K"}}, Values: []row.Column{{Name: "V"}}}}, diff.Options{})
		b := batch(0)
		change := func(v row.Value) []row.Change {
			return []row.Change{{Phase: 1, Key: []row.Value{row.NewString("k")}, Values: []row.Value{v}}}
		}
		d.Compare(outcome(b, change(c.v1)), outcome(b, change(c.v2)))
		s := d.Result().Signatures
		if len(s) != 1 {
			t.Errorf("%s: %d signatures", name, len(s))
			continue
		}
		got := 0.0
		if s[0].Largest != nil {
			got = s[0].Largest.Amount
		}
		if got != c.want {
			t.Errorf("%s: off by %v, want %v", name, got, c.want)
		}
	}
}

// TestARedactedColumnHasNoLargestDifference: how far its values are apart is not shown either.
func TestARedactedColumnHasNoLargestDifference(t *testing.T) {
	for column, want := range map[string]bool{"TOTAL": false, "N": true} {
		d := diff.New([]*row.Sink{totals()}, diff.Options{Redaction: hidden{column}})
		far(d, 0, "p", 7)
		if s := d.Result().Signatures; len(s) != 1 || (s[0].Largest != nil) != want {
			t.Errorf("%s is redacted: %+v", column, s)
		}
	}
}

type hidden struct{ column string }

func (h hidden) IsRedacted(_, column string) bool { return column == h.column }
func (hidden) Replace(string) string              { return "#" }
func (hidden) ReplaceError(string) string         { return "(redacted)" }
