package diff_test

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/diff"
	"parallax/processors/row"
)

// TestStutterDoesNotDependOnWhereBatchesAreCut gives V2 the rows of V1, some of which it
// repeats later, including deletions and rows of closed windows. For any batches the same
// level holds.
func TestStutterDoesNotDependOnWhereBatchesAreCut(t *testing.T) {
	held := map[diff.Level]int{}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "records")
		closes := int64(n) // the position at which the window [0, 1000) closes, if any
		if rapid.Bool().Draw(t, "closes") {
			closes = rapid.Int64Range(1, int64(n)).Draw(t, "at")
		}
		var one, two []row.Change
		var last []row.Change // of each key
		for i := range int64(n) {
			if i < closes && rapid.Bool().Draw(t, "row") {
				c := row.Change{
					Position: i, Phase: 1, Step: 1, WindowEnd: 1000, Timestamp: rapid.Int64Range(0, 1).Draw(t, "time"),
					Key: []row.Value{row.NewString(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"))},
				}
				if rapid.IntRange(0, 2).Draw(t, "deleted") > 0 {
					c.Values = []row.Value{row.NewBigint(rapid.Int64Range(0, 1).Draw(t, "value"))}
				}
				one, two = append(one, c), append(two, c)
				last = append(last, c)
			}
			if len(last) > 0 && rapid.IntRange(0, 3).Draw(t, "repeats") == 0 {
				c := last[len(last)-1]
				c.Position = i
				two = append(two, c)
			}
		}
		compare := func(cut func(i int) bool) diff.Level {
			d := diff.New([]*row.Sink{sink()}, diff.Options{})
			first := 0
			for i := 1; i <= n; i++ {
				if i < n && !cut(i) {
					continue
				}
				records := make([]row.Record, i-first)
				for k := range records {
					records[k].Watermark = 999
					if int64(first+k) >= closes {
						records[k].Watermark = 5000
					}
				}
				b := row.NewBatch(int64(first), int64(first), records, nil)
				d.Compare(outcome(b, of(one, first, i)), outcome(b, of(two, first, i)))
				first = i
			}
			return d.Result().LevelHeld
		}
		whole := compare(func(int) bool { return false })
		each := compare(func(int) bool { return true })
		if random := compare(func(i int) bool { return rapid.Bool().Draw(t, "cut") }); len(one) > 0 && (whole != each || whole != random) {
			t.Errorf("in one batch %s holds, in a batch each %s, in random cuts %s\nV1 %v\nV2 %v", whole, each, random, one, two)
		}
		held[whole]++
	})
	if held[diff.E3] == 0 || held[diff.E1] == 0 || held[diff.None] == 0 {
		t.Errorf("the cases are too much alike: %v", held)
	}
}

// of are the rows of the positions from first to end.
func of(rows []row.Change, first, end int) (some []row.Change) {
	for _, c := range rows {
		if c.Position >= int64(first) && c.Position < int64(end) {
			some = append(some, c)
		}
	}
	return some
}

// TestASessionIsOpenUntilAfterItsEndAndGrace repeats a row of a session in the batch in
// which the watermark reaches the session's end and grace. A session still accepts a record
// then, so the row is a repetition, and E3 holds.
func TestASessionIsOpenUntilAfterItsEndAndGrace(t *testing.T) {
	for watermark, want := range map[int64]diff.Level{2000: diff.E3, 2001: diff.None} {
		once := row.Change{
			Phase: 1, Step: 1, WindowEnd: 1000, Key: []row.Value{row.NewString("a")}, Values: []row.Value{row.NewBigint(1)},
		}
		again := once
		again.Position = 1
		b := row.NewBatch(0, 0, []row.Record{{Watermark: 0}, {Watermark: watermark}}, nil)
		d := diff.New([]*row.Sink{sessions()}, diff.Options{Require: diff.E3})
		d.Compare(outcome(b, []row.Change{once}), outcome(b, []row.Change{once, again}))
		if held := d.Result().LevelHeld; held != want {
			t.Errorf("at watermark %d %s holds, want %s", watermark, held, want)
		}
	}
}
