package diff_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"parallax/diff"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// flipped are all values that differ from v in one bit of what it holds and are
// another value: -0 is 0, and one NaN is another.
func flipped(v row.Value) []row.Value {
	var list []row.Value
	add := func(w row.Value) {
		if !row.Equal(v, w) {
			list = append(list, w)
		}
	}
	switch v.Kind() {
	case row.Null:
	case row.String:
		for i := range len(v.Str()) {
			for bit := range 8 {
				b := []byte(v.Str())
				b[i] ^= 1 << bit
				add(row.NewString(string(b)))
			}
		}
	case row.Double:
		for bit := range 64 {
			add(row.NewDouble(math.Float64frombits(math.Float64bits(v.Float64()) ^ 1<<bit)))
		}
	case row.Decimal:
		n, scale := v.Decimal()
		for bit := range 64 {
			add(row.NewDecimal(numeric.Int128{Hi: n.Hi, Lo: n.Lo ^ 1<<bit}, scale))
			add(row.NewDecimal(numeric.Int128{Hi: n.Hi ^ 1<<bit, Lo: n.Lo}, scale))
		}
		for bit := range 6 {
			add(row.NewDecimal(n, scale^1<<bit))
		}
	case row.Boolean:
		add(row.NewBoolean(!v.Bool()))
	default:
		for bit := range 64 {
			add(row.NewIntegral(v.Kind(), v.Int64()^1<<bit))
		}
	}
	if v.Kind() != row.Null {
		add(row.Value{})
	}
	return list
}

// wide is a sink with values of every sort, of which the first repeats the key.
func wide() *row.Sink {
	return &row.Sink{
		Topic: "out", Windowed: true, Grace: 1000, Key: []row.Column{{Name: "K"}, {Name: "L"}},
		Values:  []row.Column{{Name: "K"}, {Name: "A"}, {Name: "B"}, {Name: "C"}, {Name: "D"}, {Name: "E"}},
		FromKey: []int{0, -1, -1, -1, -1, -1},
	}
}

func wideRow(t *rapid.T, position int64) row.Change {
	key := []row.Value{row.NewString(rapid.SampledFrom([]string{"a", "b", "a long key of 21 bytes"}).Draw(t, "key")), row.NewBigint(rapid.Int64Range(0, 1).Draw(t, "part"))}
	start := rapid.SampledFrom([]int64{0, 60_000}).Draw(t, "window")
	c := row.Change{
		Position: position, Phase: 1, Step: 1, WindowStart: start, WindowEnd: start + 60_000, Key: key, Timestamp: start + position, Cause: int32(position),
		Partition: int32(len(key[0].Str()) % 3),
	}
	if rapid.IntRange(0, 9).Draw(t, "deleted") > 0 {
		c.Values = []row.Value{
			key[0], row.NewBigint(rapid.Int64().Draw(t, "n")), row.NewDouble(rapid.Float64().Draw(t, "x")),
			row.NewDecimal(numeric.Int128{Hi: rapid.Int64().Draw(t, "hi"), Lo: rapid.Uint64().Draw(t, "lo")}, 2),
			row.NewBoolean(rapid.Bool().Draw(t, "b")), row.NewString(rapid.StringN(0, 10, 20).Draw(t, "s")),
		}
	}
	return c
}

// mutations are all rows that differ from c in one bit of what a row is.
func mutations(c row.Change) []row.Change {
	var list []row.Change
	for bit := range 64 {
		for _, at := range []func(*row.Change) *int64{
			func(c *row.Change) *int64 { return &c.WindowStart },
			func(c *row.Change) *int64 { return &c.WindowEnd },
			func(c *row.Change) *int64 { return &c.Timestamp },
		} {
			m := c
			*at(&m) ^= 1 << bit
			list = append(list, m)
		}
	}
	tuple := func(values []row.Value, put func(*row.Change, []row.Value)) {
		for i, v := range values {
			for _, w := range flipped(v) {
				m, changed := c, append([]row.Value(nil), values...)
				changed[i] = w
				put(&m, changed)
				list = append(list, m)
			}
		}
	}
	tuple(c.Key, func(m *row.Change, key []row.Value) { m.Key = key })
	tuple(c.Values, func(m *row.Change, values []row.Value) { m.Values = values })
	return list
}

// TestAnyBitThatDiffersIsFound: in the middle of rows that agree one bit of one
// of V2's rows is turned over, whichever it is; that is a divergence, and turned
// back it is none.
func TestAnyBitThatDiffersIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []row.Change
		for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
			rows = append(rows, wideRow(t, int64(i)))
		}
		kept := map[string]*row.Written{} // as a path keeps its keys
		if rapid.Bool().Draw(t, "kept") {
			for i := range rows {
				k := fmt.Sprint(rows[i].Key)
				if kept[k] == nil {
					kept[k] = new(row.Written)
				}
				rows[i].Written = kept[k]
			}
		}
		batch := row.NewBatch(0, 0, make([]row.Record, len(rows)), nil)
		outcome := func(changes []row.Change) *row.Outcome {
			return &row.Outcome{Batch: batch, Changes: changes, Dispositions: make([]row.Disposition, len(rows))}
		}
		turn := rapid.IntRange(0, len(rows)-1).Draw(t, "row")
		for _, m := range mutations(rows[turn]) {
			d := diff.New([]*row.Sink{wide()}, diff.Options{})
			d.Compare(outcome(rows), outcome(rows))
			if roots, _ := d.Counts(); roots != 0 {
				t.Fatalf("%d divergences between equal rows", roots)
			}
			two := append([]row.Change(nil), rows...)
			two[turn] = m
			d.Compare(outcome(rows), outcome(two))
			if roots, _ := d.Counts(); roots == 0 {
				t.Fatalf("V1 %+v, V2 %+v: nothing was found", rows[turn], m)
			}
		}
	})
}

// TestABatchThatAgreesAllocatesNothing holds the equal path to its promise: once
// its keys are known, a batch that agrees costs no memory.
func TestABatchThatAgreesAllocatesNothing(t *testing.T) {
	for _, keep := range []bool{true, false} {
		one, two := tradeRows(1000, 100, keep)
		d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
		d.Compare(one, two)
		if n := testing.AllocsPerRun(20, func() { d.Compare(one, two) }); n != 0 {
			t.Errorf("keys kept %v: %v allocations a batch", keep, n)
		}
		if roots, _ := d.Counts(); roots != 0 {
			t.Errorf("keys kept %v: %d divergences", keep, roots)
		}
	}
}

func tradeSink() *row.Sink {
	return &row.Sink{
		Topic: "out", Windowed: true, Grace: 10_000, Key: []row.Column{{Name: "TRADER_ID"}, {Name: "SYMBOL"}},
		Values:  []row.Column{{Name: "TRADER_ID"}, {Name: "SYMBOL"}, {Name: "TRADES"}, {Name: "AVERAGE"}, {Name: "VOLUME"}, {Name: "TURNOVER"}},
		FromKey: []int{0, 1, -1, -1, -1, -1},
	}
}

// tradeRows are both sides of a batch of scenario 3b: a row a record, of so many
// keys. Each side has keys and values of its own.
func tradeRows(rows, keys int, keep bool) (one, two *row.Outcome) {
	batch := row.NewBatch(0, 0, make([]row.Record, rows), nil)
	side := func() *row.Outcome {
		tuples, written := make([][]row.Value, keys), make([]row.Written, keys)
		for k := range tuples {
			tuples[k] = row.CloneAll([]row.Value{row.NewString(fmt.Sprintf("TRADER%02d", k%20)), row.NewString(fmt.Sprintf("SYM%03d", k/20))})
		}
		o := &row.Outcome{Batch: batch, Dispositions: make([]row.Disposition, rows)}
		for i := range rows {
			k := i * 7919 % keys
			n := int64(i)
			c := row.Change{
				Position: n, Phase: 1, Step: 1, WindowStart: 60_000, WindowEnd: 120_000, Key: tuples[k], Timestamp: 60_000 + n, Cause: int32(i),
				Values: []row.Value{
					tuples[k][0], tuples[k][1], row.NewBigint(n), row.NewDecimal(numeric.Int128Of(n*1_000_000), 6),
					row.NewBigint(n * 17), row.NewDecimal(numeric.Int128Of(n*12_345), 2),
				},
			}
			if keep {
				c.Written = &written[k]
			}
			o.Changes = append(o.Changes, c)
		}
		return o
	}
	return side(), side()
}

// BenchmarkCompare compares batches that agree: hot, over and over the same one;
// streaming, over more rows than caches hold.
func BenchmarkCompare(b *testing.B) {
	for _, c := range []struct {
		name          string
		batches, rows int
		keys          int
	}{{"hot", 1, 1000, 100}, {"streaming", 200, 1000, 4000}, {"streaming/10000", 20, 10_000, 4000}} {
		b.Run(c.name, func(b *testing.B) {
			var ones, twos []*row.Outcome
			d := diff.New([]*row.Sink{tradeSink()}, diff.Options{})
			for range c.batches {
				one, two := tradeRows(c.rows, c.keys, true)
				if len(ones) > 0 { // a path keeps its keys
					for i := range one.Changes {
						one.Changes[i].Key, one.Changes[i].Written = ones[0].Changes[i].Key, ones[0].Changes[i].Written
						two.Changes[i].Key, two.Changes[i].Written = twos[0].Changes[i].Key, twos[0].Changes[i].Written
						copy(one.Changes[i].Values, one.Changes[i].Key)
						copy(two.Changes[i].Values, two.Changes[i].Key)
					}
				}
				ones, twos = append(ones, one), append(twos, two)
				d.Compare(one, two)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				d.Compare(ones[i%c.batches], twos[i%c.batches])
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.rows), "ns/row")
			if roots, _ := d.Counts(); roots != 0 {
				b.Fatal(roots)
			}
		})
	}
}
