package exec

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// TestRowsOfAKeyAreByTimeThenArrival: no matter which times they come with and how many
// leave.
func TestRowsOfAKeyAreByTimeThenArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q joinQueue
		var want []*joinRow
		for arrival := range rapid.Int64Range(0, 200).Draw(t, "steps") {
			if len(want) > 0 && rapid.IntRange(0, 2).Draw(t, "step") == 0 {
				if q.pop() != want[0] {
					t.Fatal("the first row did not leave first")
				}
				want = want[1:]
			} else {
				r := &joinRow{time: rapid.Int64Range(0, 9).Draw(t, "time"), arrival: arrival}
				q.insert(r)
				want = append(want, r)
				slices.SortStableFunc(want, func(a, b *joinRow) int { return int(a.time - b.time) })
			}
			if !slices.Equal(q.list(), want) {
				t.Fatalf("after %d steps the rows are in another order", arrival)
			}
			time := rapid.Int64Range(-1, 10).Draw(t, "from")
			for i, r := range want {
				if (i >= firstFrom(q.list(), time)) != (r.time >= time) {
					t.Fatalf("rows from %d on begin at %d", time, firstFrom(q.list(), time))
				}
			}
		}
	})
}

// TestEndsComeOutEarliestFirst: no matter which are put in.
func TestEndsComeOutEarliestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var heap joinEnds
		var want []int64
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if at := rapid.Int64Range(0, 50).Draw(t, "at"); len(want) == 0 || rapid.Bool().Draw(t, "push") {
				heap.push(joinEnd{at: at})
				want = append(want, at)
			} else {
				heap.pop()
				want = want[1:]
			}
			slices.Sort(want)
			if len(heap) != len(want) || len(want) > 0 && heap[0].at != want[0] {
				t.Fatalf("the earliest of %v is %v", want, heap)
			}
		}
	})
}

// twoStreams makes batches of records a millisecond apart, left and right in turn, of
// some keys, the texts of which lie in the batch.
type twoStreams struct {
	plan *plan.Plan
	keys int64
	at   int64
}

func (s *twoStreams) next(n int) *row.Batch {
	tables := []*row.Table{row.NewTable(s.plan.Sources[0], n), row.NewTable(s.plan.Sources[1], n)}
	records := make([]row.Record, n)
	first := s.at
	for i := range records {
		source := int(s.at % 2)
		columns := tables[source].Columns
		columns[0].AppendInt64(s.at / 2 % s.keys)
		columns[1].AppendStr("text")
		records[i] = row.Record{Timestamp: s.at, EventTime: s.at, Watermark: s.at, Now: s.at, Source: int32(source), Row: int32(tables[source].EndRow())}
		s.at++
	}
	return row.NewBatch(first, first, records, tables)
}

// TestAJoinForgetsWhatHasClosed: what it holds, and what it allocates for a record,
// stays the same over a long input, whether it has to tell of rows without a match or
// not, and also of keys that do not come again.
func TestAJoinForgetsWhatHasClosed(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		keys int64
		// most is how many keys it may hold.
		most int64
	}{
		"inner, keys that come again":          {"JOIN", 50, 50},
		"full, keys that come again":           {"FULL JOIN", 50, 50},
		"inner, keys that do not come again":   {"JOIN", 1 << 40, 600},
		"full, keys that do not come again":    {"FULL JOIN", 1 << 40, 600},
		"inner, more keys than time for them":  {"JOIN", 5000, 600},
		"full, keys that come when it is late": {"FULL JOIN", 5000, 600},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Compile(`CREATE STREAM a (k BIGINT, s STRING) WITH (kafka_topic='a', value_format='JSON');
CREATE STREAM b (k BIGINT, s STRING) WITH (kafka_topic='b', value_format='JSON');
SELECT a.k AS k, a.s || b.s AS s FROM a `+c.kind+` b WITHIN 400 MILLISECONDS GRACE PERIOD 100 MILLISECONDS ON a.k = b.k;`, plan.BuildOptions{DefaultTopic: "OUT"})
			if err != nil {
				t.Fatal(err)
			}
			e, err := New(p.Stages[0], Options{})
			if err != nil {
				t.Fatal(err)
			}
			in := &twoStreams{plan: p, keys: c.keys}
			var out Result
			rows := 0
			for range 60 {
				b := in.next(1000)
				out.Reset(make([]row.Disposition, b.Len()))
				e.RunAll(b, &out)
				rows += len(out.Changes)
				if e.Keys() > c.most {
					t.Fatalf("it holds %d keys", e.Keys())
				}
			}
			if rows == 0 {
				t.Error("nothing came out")
			}
			k := e.op.(*join).kept
			for side := range k.sides {
				// Those in use were never more than a window's.
				if n := len(k.free[side]); n > 1200 {
					t.Errorf("%d rows of side %d are there for use", n, side)
				}
			}
			if n := k.byKey.Len(); n > 4096 {
				t.Errorf("it remembers %d keys", n)
			}
			if n := len(k.ends); n > 2048 {
				t.Errorf("it is to look at %d keys", n)
			}
		})
	}
}

// TestAJoinAllocatesNothingForARecord of a key that is known, but for the text that it
// keeps, many of which share a piece, and what is made for a flush of rows.
func TestAJoinAllocatesNothingForARecord(t *testing.T) {
	p, err := plan.Compile(`CREATE STREAM a (k BIGINT, s STRING) WITH (kafka_topic='a', value_format='JSON');
CREATE STREAM b (k BIGINT, s STRING) WITH (kafka_topic='b', value_format='JSON');
SELECT a.k AS k, a.s AS l, b.s AS r FROM a LEFT JOIN b WITHIN 200 MILLISECONDS GRACE PERIOD 100 MILLISECONDS ON a.k = b.k;`, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(p.Stages[0], Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := &twoStreams{plan: p, keys: 50}
	var out Result
	dispositions := make([]row.Disposition, 1000)
	batches := make([]*row.Batch, 40)
	for i := range batches {
		batches[i] = in.next(1000)
	}
	run := func() {
		b := batches[0]
		batches = batches[1:]
		clear(dispositions)
		out.Reset(dispositions)
		e.RunAll(b, &out)
	}
	for range 20 {
		run()
	}
	if n := testing.AllocsPerRun(15, run); n > 50 {
		t.Errorf("%v allocations for 1000 records", n)
	}
}
