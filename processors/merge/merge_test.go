package merge

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

// change draws a row with few possible places, so that places often coincide.
func change(t *rapid.T) row.Change {
	c := row.Change{
		Position:  rapid.Int64Range(0, 8).Draw(t, "position"),
		Phase:     uint8(rapid.IntRange(0, 1).Draw(t, "phase")),
		WindowEnd: rapid.Int64Range(0, 1).Draw(t, "window"),
		Key:       []row.Value{row.NewString(rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 2, -1).Draw(t, "key"))},
		Values:    []row.Value{row.NewBigint(rapid.Int64Range(0, 3).Draw(t, "value"))},
	}
	return c
}

func compare(a, b row.Change) int { return row.CompareOrder(&a, &b) }

// deal cuts a changelog into n runs that keep its order.
func deal(t *rapid.T, all []row.Change, n int) [][]row.Change {
	runs := make([][]row.Change, n)
	for _, c := range all {
		p := rapid.IntRange(0, n-1).Draw(t, "run")
		runs[p] = append(runs[p], c)
	}
	return runs
}

func TestAnySplitOfAChangelogMergesBackIntoIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOf(rapid.Custom(change)).Draw(t, "rows")
		slices.SortStableFunc(all, compare)
		all = slices.CompactFunc(all, func(a, b row.Change) bool { return compare(a, b) == 0 })
		n := rapid.IntRange(1, 9).Draw(t, "partitions")

		got, counts := New(n).Batch(nil, deal(t, all, n))
		if !slices.EqualFunc(got, all, func(a, b row.Change) bool { return compare(a, b) == 0 && row.EqualRow(&a, &b) }) {
			t.Fatalf("merged %v, want %v", got, all)
		}
		if want := (Counts{Raw: int64(len(all))}); counts != want {
			t.Fatalf("counted %+v in a right changelog, want %+v", counts, want)
		}
	})
}

func TestWhateverComesInComesOutInOrderOrIsCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "partitions")
		m := New(n)
		for range rapid.IntRange(1, 3).Draw(t, "batches") {
			all := rapid.SliceOf(rapid.Custom(change)).Draw(t, "rows")
			places := slices.Clone(all)
			slices.SortFunc(places, compare)
			places = slices.CompactFunc(places, func(a, b row.Change) bool { return compare(a, b) == 0 })

			got, counts := m.Batch(nil, deal(t, all, n))
			if !slices.IsSortedFunc(got, compare) {
				t.Fatalf("not in order: %v", got)
			}
			if counts.Raw != int64(len(all)) || counts.Deduplicated != counts.Raw-int64(len(got)) {
				t.Fatalf("%d rows in, %d out, counted %+v", len(all), len(got), counts)
			}
			if len(got) != len(places) {
				t.Fatalf("%d rows out for %d different places", len(got), len(places))
			}
		}
	})
}

func at(position int64, key string, value int64) row.Change {
	return row.Change{Position: position, Key: []row.Value{row.NewString(key)}, Values: []row.Value{row.NewBigint(value)}}
}

func TestOnlyRowsWithTheSamePlaceAreDropped(t *testing.T) {
	for _, c := range []struct {
		name    string
		runs    [][]row.Change
		rows    int
		dropped int64
	}{
		{"equal values at different places stay", [][]row.Change{{at(1, "a", 7)}, {at(2, "a", 7)}}, 2, 0},
		{"equal values of different keys stay", [][]row.Change{{at(1, "a", 7)}, {at(1, "b", 7)}}, 2, 0},
		{"the same place in two runs", [][]row.Change{{at(1, "a", 7)}, {at(1, "a", 8)}}, 1, 1},
		{"the same place twice in one run", [][]row.Change{{at(1, "a", 7), at(1, "a", 7)}}, 1, 1},
		{"three times", [][]row.Change{{at(1, "a", 7)}, {at(1, "a", 7)}, {at(1, "a", 7)}}, 1, 2},
	} {
		got, counts := New(len(c.runs)).Batch(nil, c.runs)
		if len(got) != c.rows || counts.Deduplicated != c.dropped {
			t.Errorf("%s: %d rows, %d dropped; want %d, %d", c.name, len(got), counts.Deduplicated, c.rows, c.dropped)
		}
		if got[0].Values[0].Int64() != 7 {
			t.Errorf("%s: the row of the lowest run must stay, got %v", c.name, got[0].Values)
		}
	}
}

func TestRowsBelowWhatTheirPartitionReachedAreCounted(t *testing.T) {
	for _, c := range []struct {
		name    string
		batches [][][]row.Change
		moved   int64
	}{
		{"runs that only interleave", [][][]row.Change{{{at(1, "a", 1), at(4, "a", 1)}, {at(2, "b", 1), at(3, "b", 1)}}}, 0},
		{"a row below the one before", [][][]row.Change{{{at(2, "a", 1), at(1, "a", 1)}, nil}}, 1},
		{"two rows below the highest", [][][]row.Change{{{at(3, "a", 1), at(1, "a", 1), at(2, "a", 1)}, nil}}, 2},
		{"a row below the batch before", [][][]row.Change{{{at(5, "a", 1)}, nil}, {{at(4, "a", 1)}, nil}}, 1},
		{"another partition's earlier reach does not matter", [][][]row.Change{{{at(5, "a", 1)}, nil}, {nil, {at(4, "b", 1)}}}, 0},
	} {
		m := New(2)
		var moved int64
		for _, runs := range c.batches {
			got, counts := m.Batch(nil, runs)
			moved += counts.Reordered
			if !slices.IsSortedFunc(got, compare) {
				t.Errorf("%s: not in order: %v", c.name, got)
			}
		}
		if moved != c.moved {
			t.Errorf("%s: counted %d, want %d", c.name, moved, c.moved)
		}
	}
}

// TestManyRowsAtFewPositionsAndFewAtMany covers both ways of merging: walking positions,
// and comparing rows.
func TestManyRowsAtFewPositionsAndFewAtMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]int64{1, 3, 1000, 1 << 40}).Draw(t, "step")
		all := rapid.SliceOf(rapid.Custom(change)).Draw(t, "rows")
		for i := range all {
			all[i].Position = all[i].Position*step + rapid.SampledFrom([]int64{0, -5}).Draw(t, "from")
		}
		slices.SortStableFunc(all, compare)
		all = slices.CompactFunc(all, func(a, b row.Change) bool { return compare(a, b) == 0 })
		n := rapid.IntRange(1, 9).Draw(t, "partitions")
		before := []row.Change{at(7, "before", 1)}
		got, counts := New(n).Batch(before, deal(t, all, n))
		if len(got) == 0 || !slices.EqualFunc(got[1:], all, func(a, b row.Change) bool { return compare(a, b) == 0 && row.EqualRow(&a, &b) }) {
			t.Fatalf("merged %v, want %v", got, all)
		}
		if want := (Counts{Raw: int64(len(all))}); counts != want {
			t.Fatalf("counted %+v in a right changelog, want %+v", counts, want)
		}
	})
}

// BenchmarkMerge merges a batch with one row for each record, distributed by key.
func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{1, 4, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const rows = 10_000
			runs, work := make([][]row.Change, n), make([][]row.Change, n)
			for i := range rows {
				p := int(uint32(i*2654435761) >> 16 % uint32(n))
				runs[p] = append(runs[p], at(int64(i), "key", int64(i)))
			}
			var out []row.Change
			b.ReportAllocs()
			for b.Loop() {
				m := New(n)
				copy(work, runs)
				if out, _ = m.Batch(out[:0], work); len(out) != rows {
					b.Fatal(len(out))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

// TestRowsThatAreDroppedOrMovedAreKept: a limited number of them is kept as evidence.
func TestRowsThatAreDroppedOrMovedAreKept(t *testing.T) {
	at := func(position int64, partition int32) row.Change {
		return row.Change{Position: position, Partition: partition, Key: []row.Value{row.NewString("a")}}
	}
	for _, far := range []int64{1, 1000} { // walked, interleaved
		m := New(2)
		_, counts := m.Batch(nil, [][]row.Change{{at(0, 0), at(far, 0), at(far, 0)}, {at(2*far, 1), at(far, 1)}})
		if counts.Deduplicated != 2 || counts.Reordered != 1 {
			t.Fatalf("counted %+v", counts)
		}
		var dropped, moved []row.Stray
		for _, s := range m.Strays() {
			if s.Dropped {
				dropped = append(dropped, s)
			} else {
				moved = append(moved, s)
			}
		}
		if len(moved) != 1 || moved[0].Change.Position != far || moved[0].Change.Partition != 1 {
			t.Errorf("moved %+v", moved)
		}
		if len(dropped) != 2 || dropped[0].KeptFrom != 0 || dropped[0].Change.Partition+dropped[1].Change.Partition != 1 {
			t.Errorf("dropped %+v", dropped)
		}
		if m.Batch(nil, [][]row.Change{{at(5000, 0)}, nil}); m.Strays() != nil {
			t.Errorf("a right batch has %v", m.Strays())
		}
	}
	m := New(1)
	run := make([]row.Change, 100)
	if _, counts := m.Batch(nil, [][]row.Change{run}); counts.Deduplicated != 99 || len(m.Strays()) != row.MostStrays {
		t.Errorf("%d dropped, %d kept", counts.Deduplicated, len(m.Strays()))
	}
}
