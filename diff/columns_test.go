package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

func columnSink() *row.Sink {
	return &row.Sink{
		Topic: "out", Key: []row.Column{{Name: "K"}}, FromKey: []int{0, -1, -1},
		Values: []row.Column{{Name: "K"}, {Name: "N"}, {Name: "X"}},
	}
}

// columnRow is a row of columnSink; a nil n is a deletion.
func columnRow(position int64, key string, n, x *row.Value) row.Change {
	k := row.NewString(key)
	c := row.Change{Position: position, Phase: 1, Step: 1, Cause: int32(position), Key: []row.Value{k}, Timestamp: 5}
	if n != nil {
		c.Values = []row.Value{k, *n, *x}
	}
	return c
}

func columnTexts(d *diff.Differ) (list []string) {
	for _, c := range d.Columns() {
		list = append(list, fmt.Sprintf("%s.%s %d: %d same, %d null in V1, %d null in V2, %d type, %d tolerated, %d differ",
			c.Topic, c.Name, c.Rows, c.Same, c.NullV1Only, c.NullV2Only, c.Type, c.Tolerated, c.Differ))
	}
	return list
}

func TestValuesAreCountedByColumn(t *testing.T) {
	n := func(i int64) *row.Value { v := row.NewBigint(i); return &v }
	x := func(f float64) *row.Value { v := row.NewDouble(f); return &v }
	null, small, text := row.Value{}, row.NewInt(4), row.NewString("?")
	var v1, v2 []row.Change
	add := func(key string, n1, x1, n2, x2 *row.Value) {
		at := int64(len(v1))
		v1 = append(v1, columnRow(at, key, n1, x1))
		v2 = append(v2, columnRow(at, key, n2, x2))
	}
	add("a", n(1), x(1), n(1), x(1))         // equal
	add("b", &null, x(1), n(2), x(1))        // NULL in V1
	add("c", n(3), x(1), &null, &null)       // NULL in V2, twice
	add("d", n(4), x(1), &small, x(1))       // another type
	add("e", n(5), x(1), n(6), x(1.0000001)) // N differs, a rule tolerates X
	add("f", n(6), x(1), n(6), x(1.0000001)) // a rule tolerates the row
	add("g", n(7), x(1), &text, x(1))        // another kind of value
	add("h", nil, nil, nil, nil)             // both delete
	add("i", n(8), x(1), nil, nil)           // V2 deletes: nothing to compare
	v2[0].Timestamp++
	v1 = append(v1, columnRow(9, "only V1", n(1), x(1)))
	v2 = append(v2, columnRow(10, "only V2", n(1), x(2)))
	rule := diff.Rule{Column: "X", Absolute: 1e-6, Owner: "o", Reason: "r", Expires: "2099-01-01", MaxRate: 1}
	d := diff.New([]*row.Sink{columnSink()}, diff.Options{Rules: []diff.Rule{rule}})
	d.Compare(outcome(batch(0), v1), outcome(batch(0), v2))
	want := []string{
		"out.K 7: 7 same, 0 null in V1, 0 null in V2, 0 type, 0 tolerated, 0 differ",
		"out.N 7: 2 same, 1 null in V1, 1 null in V2, 1 type, 0 tolerated, 2 differ",
		"out.X 7: 4 same, 0 null in V1, 1 null in V2, 0 type, 2 tolerated, 0 differ",
		"out.timestamp 7: 6 same, 0 null in V1, 0 null in V2, 0 type, 0 tolerated, 1 differ",
	}
	if got := columnTexts(d); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A batch that is equal costs nothing for its columns: they follow from the number of rows.
func TestColumnsOfEqualBatchesAreCounted(t *testing.T) {
	other := columnSink()
	other.Topic = "other"
	d := diff.New([]*row.Sink{columnSink(), other}, diff.Options{})
	v := row.NewBigint(1)
	rows := []row.Change{columnRow(0, "a", &v, &v), columnRow(1, "a", nil, nil), columnRow(2, "b", &v, &v)}
	rows[2].Query = 1
	for range 3 {
		d.Compare(outcome(batch(0), rows), outcome(batch(0), rows))
	}
	for _, c := range d.Columns() {
		if c.Rows != 3 || c.Same != 3 {
			t.Errorf("%s.%s: %d of %d are the same, want 3 of 3", c.Topic, c.Name, c.Same, c.Rows)
		}
	}
}

func TestRowsAreCountedByStratum(t *testing.T) {
	sinks := []*row.Sink{columnSink(), columnSink(), columnSink(), columnSink()}
	sinks[1].Windowed = true
	sinks[2].Windowed, sinks[2].Session = true, true
	sinks[3].Windowed, sinks[3].Hopping = true, true
	v := row.NewBigint(1)
	rows := []row.Change{
		columnRow(0, "a", &v, &v), columnRow(1, "a", nil, nil), columnRow(2, "a", &v, &v),
		columnRow(3, "b", &v, &v), columnRow(4, "b", &v, &v), columnRow(5, "b", &v, &v),
	}
	rows[2].Key = []row.Value{{}}
	rows[2].Values = []row.Value{{}, v, v}
	for i := range 3 {
		rows[3+i].Query, rows[3+i].WindowEnd = uint16(1+i), 60_000
	}
	rows[4].Step = 0 // of the session
	want := map[string]int64{
		"tombstones": 1, "retractions": 1, "null_keys": 1, "late": 4, "window:tumbling": 1, "window:session": 1, "window:hopping": 1,
	}
	differing := append([]row.Change(nil), rows...)
	differing[0].Values = []row.Value{row.NewString("a"), row.NewBigint(2), v}
	for name, v2 := range map[string][]row.Change{"equal": rows, "differing": differing} {
		d := diff.New(sinks, diff.Options{})
		one, two := outcome(batch(0), rows), outcome(batch(0), v2)
		one.Late, two.Late = 4, 4
		d.Compare(one, two)
		if got := d.Strata(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if found := d.Last(); found.Tombstones != 1 {
			t.Errorf("%s: %+v, want 1 tombstone", name, found)
		}
	}
}
