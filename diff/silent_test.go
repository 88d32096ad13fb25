package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// from is a row of a key, by a partition, with a value of its batch.
func from(b *row.Batch, position int64, key string, partition int32) row.Change {
	c := made(b, position, 1, 0, 60_000, b.Seq)
	c.Key, c.Partition = []row.Value{row.NewString(key)}, partition
	return c
}

func TestAPartitionThatShowsNothingOfABatchIsNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		bad    bool // the second batch has a record that does not decode
		second []string
		want   map[string]diff.Hypothesis // for each key whose row is missing
	}{
		{"part of it", false, []string{"b"}, map[string]diff.Hypothesis{"a": diff.PartLost}},
		{"part of it, with a bad record", true, []string{"b"}, map[string]diff.Hypothesis{"a": diff.BadRecord}},
		{"a key of a partition that does show something", true, []string{"a", "c"}, map[string]diff.Hypothesis{"b": ""}},
		{"all of it: no partition shows anything", true, nil, map[string]diff.Hypothesis{"a": "", "b": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := diff.New([]*row.Sink{sink()}, diff.Options{})
			partitions := map[string]int32{"a": 0, "b": 1, "c": 1}
			first := timed(0, 0, 10, 10, 10)
			rows := func(b *row.Batch, keys ...string) (all []row.Change) {
				for i, key := range keys {
					all = append(all, from(b, b.First+int64(i), key, partitions[key]))
				}
				return all
			}
			d.Compare(outcome(first, rows(first, "a", "b", "c")), outcome(first, rows(first, "a", "b", "c")))
			second := timed(1, 3, 20, 20, 20)
			if c.bad {
				second.Record(2).State = row.Undecodable
			}
			keys := append([]string(nil), c.second...)
			for key := range c.want {
				keys = append(keys, key)
			}
			d.Compare(outcome(second, rows(second, keys...)), outcome(second, rows(second, c.second...)))
			r := d.Result()
			got := only(t, r)[diff.Missing]
			if got.Count != int64(len(c.want)) || len(r.ByClass) != 1 {
				t.Fatalf("%v", r.ByClass)
			}
			if want := c.want[got.Example.Key["K"]]; got.Hypothesis != want {
				t.Errorf("hypothesis %q, want %q", got.Hypothesis, want)
			}
		})
	}
}

func TestAWindowThatV2DoesNotCloseNamesItsClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		other bool // V2 has another key's row of the window
		want  diff.Hypothesis
	}{{"under no key", false, diff.ClockBehind}, {"under one key", true, ""}} {
		t.Run(c.name, func(t *testing.T) {
			s := sink()
			s.Final = true
			d := diff.New([]*row.Sink{s}, diff.Options{})
			b := timed(0, 0, 61_000)
			one := made(b, 0, 0, 0, 60_000, 7)
			two := one
			two.Key = []row.Value{row.NewString("b")}
			v1, v2 := []row.Change{one}, []row.Change(nil)
			if c.other {
				v1, v2 = append(v1, two), []row.Change{two}
			}
			d.Compare(outcome(b, v1), outcome(b, v2))
			if got := only(t, d.Result())[diff.Missing]; got.Count != 1 || got.Hypothesis != c.want {
				t.Errorf("%d times, hypothesis %q, want %q", got.Count, got.Hypothesis, c.want)
			}
		})
	}
}

// A V2 that replaces another one has partitions of its own: those of its predecessor are
// not silent.
func TestPartitionsOfTheV2BeforeAreNotMissed(t *testing.T) {
	for _, succeeded := range []bool{false, true} {
		d := diff.New([]*row.Sink{sink()}, diff.Options{})
		first, second := timed(0, 0, 10, 10), timed(1, 2, 20, 20)
		wrong := from(first, 1, "b", 1)
		wrong.Values = []row.Value{row.NewBigint(9)} // so that the batch is examined
		d.Compare(outcome(first, []row.Change{from(first, 0, "a", 0), from(first, 1, "b", 1)}), outcome(first, []row.Change{from(first, 0, "a", 0), wrong}))
		if succeeded {
			d.Succeeded(true)
		}
		// c is a key whose partition is not known.
		d.Compare(outcome(second, []row.Change{from(second, 2, "a", 0), from(second, 3, "c", 0)}), outcome(second, []row.Change{from(second, 2, "a", 0)}))
		want := diff.PartLost
		if succeeded {
			want = ""
		}
		if got := only(t, d.Result())[diff.Missing]; got.Count != 1 || got.Hypothesis != want {
			t.Errorf("succeeded %v: %d times, hypothesis %q, want %q", succeeded, got.Count, got.Hypothesis, want)
		}
	}
}
