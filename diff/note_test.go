package diff_test

import (
	"slices"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

func TestWhatClassAndColumnsDoNotSayIsSaidInWords(t *testing.T) {
	rows := batches(t, []string{"0 0 a 1 10", "1 0 b 2 20", "2 0 a 3 30"})[0]
	swapped := func(i, j int) []row.Change {
		two := slices.Clone(rows)
		two[i], two[j] = two[j], two[i]
		return two
	}
	later := slices.Clone(rows)
	later[1].Timestamp++
	value := slices.Clone(later)
	value[1].Values = []row.Value{row.NewBigint(9)}
	for name, c := range map[string]struct {
		two  []row.Change
		want string
	}{
		"keys the wrong way":            {swapped(0, 1), "the order among rows of several keys"},
		"rows of one key the wrong way": {swapped(0, 2), "rows of one key and window"},
		"another timestamp":             {later, "only the row's own timestamp"},
		"another timestamp and value":   {value, ""},
	} {
		got := compare([][]row.Change{rows}, [][]row.Change{c.two}, diff.E1).Signatures
		if len(got) != 1 || (c.want == "") != (got[0].Note == "") || !strings.Contains(got[0].Note, c.want) {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

func TestARowOfTheFlushIsShownAsSuch(t *testing.T) {
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	b := row.NewFlush(0, 0, 1)
	c := batches(t, []string{"0 0 a 1 10"})[0][0]
	c.Cause, c.Phase = -1, 0
	d.Compare(outcome(b, []row.Change{c}), outcome(b, nil))
	if ex := d.Result().Signatures[0].Example; !ex.Flush || len(ex.Causes) != 0 {
		t.Errorf("%+v", ex)
	}
}
