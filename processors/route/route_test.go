package route

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/processors/row"
)

// keyed returns a batch with one record for each of keys, and the Key that returns keys[i]
// for the record at position i.
func keyed(keys [][]row.Value) (*row.Batch, Key) {
	records := make([]row.Record, len(keys))
	for i := range records {
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "trades", Partition: int32(i % 3)}, Offset: int64(i), Key: []byte("any")}
	}
	b := row.NewBatch(0, 0, records, nil)
	return b, func(b *row.Batch, i int) []row.Value { return keys[b.First+int64(i)] }
}

// at returns the partition of record i.
func at(r *Router, b *row.Batch, i int) int {
	which := make([]int32, b.Len())
	r.Route(b, 0, which, make([]uint64, b.Len()))
	return int(which[i])
}

func hashOf(key Key) Hash {
	return func(dst []uint64, b *row.Batch) {
		for i := range dst {
			dst[i] = row.Hash(key(b, i))
		}
	}
}

func router(t *testing.T, s Strategy, n int, need Need) *Router {
	t.Helper()
	r, err := New(s, n, need, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestHashSpreadsKeysThatDifferInOneDigitEvenly(t *testing.T) {
	families := map[string]func(i int) []row.Value{
		"symbols":        func(i int) []row.Value { return []row.Value{row.NewString(fmt.Sprintf("SYM%d", i))} },
		"padded symbols": func(i int) []row.Value { return []row.Value{row.NewString(fmt.Sprintf("SYM%05d", i))} },
		"traders and symbols": func(i int) []row.Value {
			return []row.Value{row.NewString(fmt.Sprintf("TRADER%d", i%20)), row.NewString(fmt.Sprintf("SYM%d", i/20))}
		},
		"numbers":           func(i int) []row.Value { return []row.Value{row.NewBigint(int64(i))} },
		"every 64th number": func(i int) []row.Value { return []row.Value{row.NewBigint(int64(i) * 64)} },
	}
	const keys = 4000
	for name, key := range families {
		all := make([][]row.Value, keys)
		for i := range all {
			all[i] = key(i)
		}
		b, read := keyed(all)
		for _, n := range []int{1, 2, 3, 4, 7, 8, 16} {
			r := router(t, "always_hash", n, Need{Key: read, Hash: hashOf(read)})
			got, which := make([]int, n), make([]int32, keys)
			r.Route(b, 0, which, make([]uint64, keys))
			for _, p := range which {
				got[p]++
			}
			// Five standard deviations of a fair deal.
			mean := float64(keys) / float64(n)
			for p, count := range got {
				if d := float64(count) - mean; d*d > 25*mean {
					t.Errorf("%s over %d: partition %d has %d of %d keys", name, n, p, count, keys)
				}
			}
		}
	}
}

// The small benchmark that this project started from groups 5,000 records by 20 traders and
// symbols. With FNV-1a and a power of two, the low bits of such keys correlate, so that all
// even or all odd partitions may stay idle.
func TestTheTwentyGroupsOfTheSmallBenchmarkLeaveNoPartitionIdle(t *testing.T) {
	all := make([][]row.Value, 20)
	for i := range all {
		all[i] = []row.Value{row.NewString(fmt.Sprintf("TRADER%d", i)), row.NewString(fmt.Sprintf("SYM%d", i))}
	}
	b, read := keyed(all)
	for _, n := range []int{2, 4, 8} {
		r := router(t, Auto, n, Need{Key: read, Hash: hashOf(read)})
		used := map[int]int{}
		for i := range all {
			used[at(r, b, i)]++
		}
		if len(used) != n {
			t.Errorf("over %d partitions only %d have groups: %v", n, len(used), used)
		}
	}
}

func TestKeysThatAreEqualGoTogetherAndSimilarOnesAreNotTheSame(t *testing.T) {
	negativeZero := 0.0
	negativeZero *= -1
	pairs := []struct {
		a, b  []row.Value
		equal bool
	}{
		{[]row.Value{row.NewDouble(0)}, []row.Value{row.NewDouble(negativeZero)}, true},
		{[]row.Value{{}}, []row.Value{row.NewString("NULL")}, false},
		{[]row.Value{{}}, []row.Value{row.NewString("")}, false},
		{[]row.Value{row.NewString("a|b"), row.NewString("c")}, []row.Value{row.NewString("a"), row.NewString("b|c")}, false},
		{[]row.Value{row.NewBigint(1)}, []row.Value{row.NewDouble(1)}, false},
	}
	const n = 1 << 20 // many records, so that different keys do not balance by chance
	for _, p := range pairs {
		b, read := keyed([][]row.Value{p.a, p.b})
		r := router(t, Auto, n, Need{Key: read, Hash: hashOf(read)})
		if got := at(r, b, 0) == at(r, b, 1); got != p.equal {
			t.Errorf("%v and %v meet: %v, want %v", p.a, p.b, got, p.equal)
		}
	}
}

func TestWhereARecordGoesDoesNotDependOnItsBatch(t *testing.T) {
	var all [][]row.Value
	for i := range 200 {
		all = append(all, []row.Value{row.NewBigint(int64(i % 17))})
	}
	whole, read := keyed(all)
	for _, s := range Strategies() {
		need := Need{Key: read, Hash: hashOf(read), Stateless: true, SourceKeyed: true}
		r := router(t, s, 5, need)
		for _, size := range []int{1, 7, 64} {
			for first := 0; first < len(all); first += size {
				var records []row.Record
				for i := first; i < min(first+size, len(all)); i++ {
					records = append(records, *whole.Record(i))
				}
				cut := row.NewBatch(1, int64(first), records, nil)
				for i := range records {
					if got, want := at(r, cut, i), at(r, whole, first+i); got != want {
						t.Fatalf("%s: record %d goes to %d in a batch of %d, to %d in the whole", s, first+i, got, size, want)
					}
				}
			}
		}
	}
}

func TestAutoTakesWhatTheQueryNeeds(t *testing.T) {
	_, read := keyed(nil)
	for _, c := range []struct {
		need Need
		want Strategy
	}{
		{Need{Key: read, Hash: hashOf(read)}, "always_hash"},
		{Need{Key: read, Hash: hashOf(read), SourceKeyed: true}, "always_hash"},
		{Need{Stateless: true}, "round_robin"},
		{Need{}, "fan_in"},
	} {
		for _, s := range []Strategy{"", Auto} {
			if got := router(t, s, 4, c.need).Strategy(); got != c.want {
				t.Errorf("%q for %+v is %s, want %s", s, c.need, got, c.want)
			}
		}
	}
}

func TestAStrategyThatWouldSplitStateIsRefusedUnlessForced(t *testing.T) {
	_, read := keyed(nil)
	stateless, by, keyedSource, global := Need{Stateless: true}, Need{Key: read, Hash: hashOf(read)}, Need{Key: read, Hash: hashOf(read), SourceKeyed: true}, Need{}
	for _, c := range []struct {
		name Strategy
		need Need
		want string // "" if it is right
	}{
		{"always_hash", by, ""},
		{"always_hash", global, "a key that keeps each piece of state whole, and the query has none"},
		{"smart_repartition", by, ""},
		{"smart_repartition", keyedSource, ""},
		{"smart_repartition", global, "the query has none"},
		{"smart_repartition", stateless, ""},
		{"sticky_partition", stateless, ""},
		{"sticky_partition", keyedSource, ""},
		{"sticky_partition", by, "records of one key may come from several topic-partitions"},
		{"sticky_partition", global, "records of one key may come from several topic-partitions"},
		{"round_robin", stateless, ""},
		{"round_robin", by, "this one keeps state"},
		{"round_robin", global, "this one keeps state"},
		{"fan_in", by, ""},
		{"fan_in", global, ""},
	} {
		r, err := New(c.name, 4, c.need, false)
		if c.want == "" {
			if err != nil || r.Forced() {
				t.Errorf("%s of %+v: %v, forced %v", c.name, c.need, err, r.Forced())
			}
			continue
		}
		if !errors.Is(err, ErrSplitsState) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %+v: got %v, want ErrSplitsState with %q", c.name, c.need, err, c.want)
		}
		r, err = New(c.name, 4, c.need, true)
		switch {
		case c.need.Key == nil && (c.name == "always_hash" || c.name == "smart_repartition"):
			if err == nil {
				t.Errorf("%s cannot be forced where there is no key to hash", c.name)
			}
		case err != nil || !r.Forced() || !strings.Contains(r.Why(), "forced"):
			t.Errorf("%s of %+v, forced: %v", c.name, c.need, err)
		}
	}
}

// TestRestoredStateGoesWhereItsRecordsGo: every strategy that places restored state places
// it on the partition of the records that it was made of.
func TestRestoredStateGoesWhereItsRecordsGo(t *testing.T) {
	var all [][]row.Value
	for i := range 60 {
		all = append(all, []row.Value{row.NewBigint(int64(i % 3))}) // as the topic-partitions are
	}
	b, read := keyed(all)
	for _, s := range Strategies() {
		r, err := New(s, 5, Need{Key: read, Hash: hashOf(read), SourceKeyed: true}, false)
		if err != nil {
			continue // of a query with state
		}
		for i := range all {
			want := at(r, b, i)
			if got, ok := r.Place(row.Hash(all[i]), b.Record(i).Partition); !ok || got != want {
				t.Errorf("%s: state of record %d goes to %d (%v), the record to %d", s, i, got, ok, want)
			}
		}
	}
	forced, err := New("round_robin", 5, Need{Key: read, Hash: hashOf(read)}, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := forced.Place(1, 1); ok {
		t.Error("round robin cannot know where a key's state belongs")
	}
}

func TestStatelessRecordsAreDealtToEveryPartition(t *testing.T) {
	b, _ := keyed(make([][]row.Value, 400))
	for s, want := range map[Strategy]int{"round_robin": 4, "fan_in": 1} {
		r := router(t, s, 4, Need{Stateless: true})
		used := map[int]bool{}
		for i := range b.Len() {
			used[at(r, b, i)] = true
		}
		if len(used) != want {
			t.Errorf("%s uses %d partitions of 4, want %d", s, len(used), want)
		}
	}
	r := router(t, "sticky_partition", 4, Need{Stateless: true})
	home := map[int32]int{}
	for i := range b.Len() {
		tp := b.Record(i).Partition
		p := at(r, b, i)
		if was, seen := home[tp]; seen && was != p {
			t.Fatalf("topic-partition %d goes to %d and %d", tp, was, p)
		}
		home[tp] = p
	}
}

func TestAnExplicitAssignmentIsFollowed(t *testing.T) {
	all := [][]row.Value{{row.NewString("a")}, {row.NewString("b")}, {row.NewString("not in the table")}}
	b, read := keyed(all)
	table := map[string]int{
		string(row.AppendKey(nil, all[0]...)): 2,
		string(row.AppendKey(nil, all[1]...)): 0,
	}
	r, err := Assigned(table, 3, Need{Key: read, Hash: hashOf(read)})
	if err != nil {
		t.Fatal(err)
	}
	if at(r, b, 0) != 2 || at(r, b, 1) != 0 {
		t.Errorf("got %d and %d, want 2 and 0", at(r, b, 0), at(r, b, 1))
	}
	if p, want := at(r, b, 2), r.hashed(row.Hash(all[2])); p != want {
		t.Errorf("a key without a place goes to %d, want its hash's %d", p, want)
	}
	if _, err := Assigned(table, 2, Need{Key: read, Hash: hashOf(read)}); err == nil {
		t.Error("partition 2 of 2 must be refused")
	}
	if _, err := Assigned(table, 3, Need{}); err == nil {
		t.Error("an assignment without a key must be refused")
	}
}

func TestStrategyNames(t *testing.T) {
	for _, s := range Strategies() {
		if got, err := ParseStrategy(" " + strings.ToUpper(string(s)) + " "); err != nil || got != s {
			t.Errorf("%s: got %s, %v", s, got, err)
		}
	}
	for short, want := range map[string]Strategy{"hash": "always_hash", "smart": "smart_repartition", "sticky": "sticky_partition", "rr": "round_robin"} {
		if got, err := ParseStrategy(short); err != nil || got != want {
			t.Errorf("%s: got %s, %v", short, got, err)
		}
	}
	if _, err := ParseStrategy("clever"); err == nil || !strings.Contains(err.Error(), `"clever"`) || !strings.Contains(err.Error(), "round_robin") {
		t.Errorf("got %v", err)
	}
	if _, err := New("clever", 2, Need{}, false); err == nil {
		t.Error("an unknown strategy must be refused")
	}
}
