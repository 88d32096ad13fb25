package faults_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 3

// outcome is a fault's V2 beside V1, over the same batches.
type outcome struct {
	v1, v2  *processortest.Total
	batches []*row.Batch
	err     error
	stats   []processors.PartitionStats
}

// scenario is the query that shows a fault: windowed totals, with EMIT FINAL
// where the fault asks for it, or OVER.
func scenario(k faults.Kind) *plan.Plan {
	switch k.Scenario {
	case "1":
		return processortest.Plan(processortest.Moving())
	case "distinct":
		return processortest.Plan(processortest.Pairs())
	case "limit":
		return compiled("SELECT trader, symbol, quantity FROM trades PARTITION BY trader, symbol LIMIT 100")
	case "seconds":
		return compiled("SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 MINUTE) GROUP BY symbol EMIT CHANGES")
	case "late":
		return compiled("SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY symbol EMIT FINAL")
	case "session":
		return compiled("SELECT trader, symbol, COUNT(*) AS n FROM trades WINDOW SESSION (1 SECOND, GRACE PERIOD 1 MINUTE) GROUP BY trader, symbol EMIT CHANGES")
	case "doubles":
		return compiled("SELECT symbol, COUNT(*) AS n, SUM(CAST(quantity AS DOUBLE) * 0.1) AS total FROM trades GROUP BY symbol EMIT FINAL")
	case "having":
		return compiled("SELECT trader, symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades GROUP BY trader, symbol HAVING COUNT(*) % 2 = 1 EMIT CHANGES")
	case "errors":
		return compiled("SELECT trader, symbol, COUNT(*) AS n, SUM(100 / (quantity % 5)) AS total FROM trades GROUP BY trader, symbol EMIT CHANGES")
	case "nulls":
		return compiled("SELECT COUNT(*) AS n FROM trades GROUP BY trader, NULLIF(symbol, 'SYM1') EMIT CHANGES")
	case "3a":
		return processortest.Plan(processortest.Totals(plan.EmitFinal))
	}
	return processortest.Plan(processortest.Totals(plan.EmitChanges))
}

// compiled is a query over the trades as processortest has them.
func compiled(query string) *plan.Plan {
	p, err := plan.Compile("CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');\n"+query,
		plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		panic(err)
	}
	return p
}

func newFault(t *testing.T, text string) (processors.Processor, *plan.Plan) {
	t.Helper()
	f, err := faults.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: partitions}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	})
	return v2, p
}

func run(t *testing.T, text string) *outcome {
	t.Helper()
	v2, p := newFault(t, text)
	v1, err := processors.NewV1(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v1.Close(); err != nil {
			t.Error(err)
		}
	}()
	o := &outcome{batches: processortest.Batches(processortest.RandomTrades(11, 2000), 200, true)}
	if o.v1, err = processortest.Run(v1, o.batches); err != nil {
		t.Fatal(err)
	}
	if len(o.v1.Changes) == 0 {
		t.Fatal("V1 has no rows: this shows nothing")
	}
	o.v2, o.err = processortest.Run(v2, o.batches)
	o.stats = v2.(processors.Meter).Partitions()
	return o
}

// history returns the rows of each key and window, in order.
func history(rows []row.Change) map[string][]row.Change {
	h := map[string][]row.Change{}
	for _, c := range rows {
		id := string(row.AppendKey(nil, append(slices.Clone(c.Key), row.NewBigint(c.WindowStart))...))
		h[id] = append(h[id], c)
	}
	return h
}

func same(a, b []row.Change) bool {
	return slices.EqualFunc(a, b, func(x, y row.Change) bool { return row.EqualRow(&x, &y) })
}

func sameHistory(a, b map[string][]row.Change) bool { return maps.EqualFunc(a, b, same) }

// collapse takes out rows that repeat the row before of their history.
func collapse(h map[string][]row.Change) map[string][]row.Change {
	out := map[string][]row.Change{}
	for id, rows := range h {
		out[id] = slices.CompactFunc(slices.Clone(rows), func(x, y row.Change) bool { return row.EqualRow(&x, &y) })
	}
	return out
}

// lacks returns the rows of V1 that V2 lacks, if V2 has them all in order but
// for those; ok is false where V2 has a row that V1 has not.
func lacks(v1, v2 []row.Change) (missing []row.Change, ok bool) {
	for i := range v1 {
		if len(v2) > 0 && row.EqualRow(&v1[i], &v2[0]) && v1[i].Position == v2[0].Position {
			v2 = v2[1:]
			continue
		}
		missing = append(missing, v1[i])
	}
	return missing, len(v2) == 0
}

// shows says, for each fault, what its V2 does and does not share with V1.
var shows = map[string]func(t *testing.T, o *outcome){
	"split-key": func(t *testing.T, o *outcome) {
		want, got := history(o.v1.Changes), history(o.v2.Changes)
		torn := 0
		for id, rows := range want {
			parts := map[int32]int64{} // the last COUNT(*) of each partition
			for _, c := range got[id] {
				parts[c.Partition] = c.Values[2].Int64()
			}
			sum := int64(0)
			for _, n := range parts {
				sum += n
			}
			if whole := rows[len(rows)-1].Values[2].Int64(); sum != whole {
				t.Errorf("%s: the parts %v do not add up to %d", id, parts, whole)
			}
			if len(parts) > 1 {
				torn++
			}
		}
		if torn == 0 || sameHistory(want, got) {
			t.Error("no key is in several partitions with another value than V1's")
		}
	},
	"over-split": func(t *testing.T, o *outcome) {
		want, got := history(o.v1.Changes), history(o.v2.Changes)
		torn := 0
		for id, rows := range want {
			parts := map[int32]int64{} // the last ROW_NUMBER() of each partition
			for _, c := range got[id] {
				if !c.Deleted() {
					parts[c.Partition] = c.Values[1].Int64()
				}
			}
			sum, whole := int64(0), int64(0)
			for _, n := range parts {
				sum += n
			}
			for _, c := range rows {
				if !c.Deleted() {
					whole = c.Values[1].Int64()
				}
			}
			if sum != whole || len(got[id]) != len(rows) {
				t.Errorf("%s: %d rows, and the parts %v; want %d rows and parts that add up to %d", id, len(got[id]), parts, len(rows), whole)
			}
			if len(parts) > 1 {
				torn++
			}
		}
		if torn == 0 || sameHistory(want, got) {
			t.Errorf("%d symbols are in several partitions, and nothing differs", torn)
		}
	},
	"distinct-split": func(t *testing.T, o *outcome) {
		want, got := history(o.v1.Changes), history(o.v2.Changes)
		extra := 0
		for id, rows := range got {
			if len(want[id]) != 1 || !row.EqualRow(&rows[0], &want[id][0]) {
				t.Errorf("%s: V2's first row is not the one of V1", id)
			}
			from := map[int32]bool{}
			for _, c := range rows {
				if from[c.Partition] {
					t.Errorf("%s: partition %d lets it through twice", id, c.Partition)
				}
				from[c.Partition] = true
			}
			extra += len(rows) - 1
		}
		if extra == 0 || len(got) != len(want) {
			t.Errorf("%d keys and %d extra rows, V1 has %d keys", len(got), extra, len(want))
		}
	},
	"batch-drop": func(t *testing.T, o *outcome) {
		lost, bad, kept := 0, 0, 0
		for _, b := range o.batches {
			var struck [partitions]bool // a record that does not decode is of the partition of its topic-partition
			for i := range b.Len() {
				if r := b.Record(i); r.State == row.Undecodable {
					struck[int(r.Partition)%partitions] = true
					bad++
				}
			}
			rows := map[int64]row.Change{}
			for _, c := range o.v2.Changes {
				rows[c.Position] = c
			}
			for _, c := range o.v1.Changes {
				if c.Position < b.First || c.Position >= b.First+int64(b.Len()) {
					continue
				}
				if two, there := rows[c.Position]; there {
					kept++
					if struck[two.Partition] {
						t.Fatalf("partition %d has a row of batch %d, which has a bad record of its own", two.Partition, b.Seq)
					}
				} else if lost++; !slices.Contains(struck[:], true) {
					t.Fatalf("batch %d has no bad record, and the row of position %d is missing", b.Seq, c.Position)
				}
			}
		}
		if lost == 0 || bad == 0 || kept == 0 {
			t.Errorf("%d rows are lost and %d kept, with %d bad records", lost, kept, bad)
		}
		if slices.Contains(o.v2.Dispositions, row.DispositionNone) != slices.Contains(o.v1.Dispositions, row.DispositionNone) {
			t.Error("the job must not know what it lost")
		}
	},
	"partition-drop": func(t *testing.T, o *outcome) {
		missing, ok := lacks(o.v1.Changes, o.v2.Changes)
		if !ok || len(missing) == 0 || len(o.v2.Changes) == 0 {
			t.Fatalf("%d rows are missing and %d there, want some of each and no other row", len(missing), len(o.v2.Changes))
		}
		there := history(o.v2.Changes)
		for id := range history(missing) {
			if len(there[id]) > 0 {
				t.Fatalf("a key is missing in part: %q", id)
			}
		}
		if slices.Contains(o.v2.Dispositions, row.DispositionNone) != slices.Contains(o.v1.Dispositions, row.DispositionNone) {
			t.Error("the job must not know what it lost")
		}
	},
	"tail-drop": func(t *testing.T, o *outcome) {
		missing, ok := lacks(o.v1.Changes, o.v2.Changes)
		if !ok || len(missing) == 0 {
			t.Fatalf("%d rows are missing, want some and no other row", len(missing))
		}
		end := o.batches[len(o.batches)-1].First
		for _, c := range missing {
			if c.Position != end {
				t.Fatalf("a row of position %d is missing, which is before the end", c.Position)
			}
		}
	},
	"duplicate": func(t *testing.T, o *outcome) {
		if len(o.v2.Changes) <= len(o.v1.Changes) {
			t.Error("no row came twice")
		}
		if !sameHistory(collapse(history(o.v2.Changes)), collapse(history(o.v1.Changes))) {
			t.Error("more than repetition differs")
		}
	},
	"key-reorder": func(t *testing.T, o *outcome) {
		want, got := history(o.v1.Changes), history(o.v2.Changes)
		if sameHistory(want, got) {
			t.Error("no key's rows are in another order")
		}
		for id := range want {
			byPlace := func(a, b row.Change) int { return row.CompareOrder(&a, &b) }
			slices.SortFunc(want[id], byPlace)
			slices.SortFunc(got[id], byPlace)
		}
		if !sameHistory(want, got) {
			t.Error("more than the order differs")
		}
	},
	"interleave": func(t *testing.T, o *outcome) {
		if same(o.v1.Changes, o.v2.Changes) {
			t.Error("the order is V1's")
		}
		if !sameHistory(history(o.v1.Changes), history(o.v2.Changes)) {
			t.Error("the order of a key differs")
		}
	},
	"reemit": func(t *testing.T, o *outcome) {
		if len(o.v2.Changes) < 2*len(o.v1.Changes) {
			t.Errorf("%d rows in place of %d: nothing to speak of was emitted again", len(o.v2.Changes), len(o.v1.Changes))
		}
		if !sameHistory(collapse(history(o.v2.Changes)), collapse(history(o.v1.Changes))) {
			t.Error("more than repetition differs")
		}
		if !slices.IsSortedFunc(o.v2.Changes, func(a, b row.Change) int { return row.CompareOrder(&a, &b) }) {
			t.Error("the rows are not in order")
		}
	},
	"conflate": func(t *testing.T, o *outcome) {
		missing, ok := lacks(o.v1.Changes, o.v2.Changes)
		if !ok || len(missing) == 0 {
			t.Fatalf("%d rows are missing, want some and no other row", len(missing))
		}
		got := history(o.v2.Changes)
		for id, rows := range history(o.v1.Changes) {
			if last := rows[len(rows)-1:]; !same(last, got[id][len(got[id])-1:]) {
				t.Fatalf("%q ends in another value than V1's", id)
			}
		}
	},
	"limit-split": func(t *testing.T, o *outcome) {
		if len(o.v1.Changes) != 100 || len(o.v2.Changes) != 100*partitions {
			t.Errorf("%d rows of V1, %d of V2", len(o.v1.Changes), len(o.v2.Changes))
		}
	},
	"null-key": func(t *testing.T, o *outcome) {
		null, text := 0, 0
		for i := range o.v1.Changes {
			switch a, b := o.v1.Changes[i].Key[1], o.v2.Changes[i].Key[1]; {
			case a.IsNull() && b.Str() == "NULL":
				null++
			case !a.IsNull() && a.Str() == b.Str():
				text++
			default:
				t.Fatalf("row %d has key %s, V1's %s", i, b, a)
			}
		}
		if null == 0 || text == 0 {
			t.Errorf("%d keys are NULL, %d are not", null, text)
		}
	},
	"impossible-value": func(t *testing.T, o *outcome) {
		never := 0
		want := history(o.v1.Changes)
		for id, rows := range history(o.v2.Changes) {
			for _, c := range rows {
				if !slices.ContainsFunc(want[id], func(w row.Change) bool { return row.EqualRow(&w, &c) }) {
					never++
				}
			}
		}
		if never == 0 || len(o.v2.Changes) >= len(o.v1.Changes) {
			t.Errorf("%d rows that V1 never showed, of %d; V1 has %d", never, len(o.v2.Changes), len(o.v1.Changes))
		}
	},
	"early-close": func(t *testing.T, o *outcome) {
		early := 0
		places := map[string]int64{}
		for _, c := range o.v1.Changes {
			places[string(row.AppendKey(nil, append(slices.Clone(c.Key), row.NewBigint(c.WindowStart))...))] = c.Position
		}
		for _, c := range o.v2.Changes {
			if c.Position < places[string(row.AppendKey(nil, append(slices.Clone(c.Key), row.NewBigint(c.WindowStart))...))] {
				early++
			}
		}
		if early == 0 {
			t.Error("no window is closed earlier than V1's")
		}
	},
	"local-watermark": func(t *testing.T, o *outcome) {
		closed := map[string]int64{} // where V1 emits each key and window, once
		at := func(c row.Change) string {
			return string(row.AppendKey(nil, append(slices.Clone(c.Key), row.NewBigint(c.WindowStart))...))
		}
		for _, c := range o.v1.Changes {
			closed[at(c)] = c.Position
		}
		later := 0
		for _, c := range o.v2.Changes {
			if c.Position < closed[at(c)] {
				t.Fatalf("a window that V1 emits at %d comes at %d: the clock of a part is not ahead of that of all", closed[at(c)], c.Position)
			}
			if c.Position > closed[at(c)] {
				later++
			}
		}
		end := o.batches[len(o.batches)-1].First
		if slices.ContainsFunc(o.v2.Changes, func(c row.Change) bool { return c.Position == end }) ||
			!slices.ContainsFunc(o.v1.Changes, func(c row.Change) bool { return c.Position == end }) {
			t.Error("the last windows must not come")
		}
		if later == 0 || o.v2.Late >= o.v1.Late {
			t.Errorf("%d windows come later than V1's, %d records are late, V1's %d", later, o.v2.Late, o.v1.Late)
		}
	},
	"session-global": func(t *testing.T, o *outcome) {
		last := func(rows []row.Change) map[[2]int64]int64 { // how many records each session that is shown has
			shown := map[[2]int64]int64{}
			for _, c := range rows {
				at := [2]int64{c.WindowStart, c.WindowEnd}
				if delete(shown, at); !c.Deleted() {
					shown[at] = c.Values[2].Int64()
				}
			}
			return shown
		}
		counted, taken := int64(0), int64(0)
		for at, n := range last(o.v2.Changes) {
			counted += n
			for other := range last(o.v2.Changes) {
				if at != other && at[0] < other[1] && other[0] < at[1] {
					t.Fatalf("sessions %v and %v overlap, and there is one for all keys", at, other)
				}
			}
		}
		for _, d := range o.v1.Dispositions {
			if d == row.Output {
				taken++
			}
		}
		if counted != taken || len(last(o.v2.Changes)) >= len(last(o.v1.Changes)) {
			t.Errorf("%d records are in %d sessions, want all %d, and fewer sessions than V1's %d", counted, len(last(o.v2.Changes)), taken, len(last(o.v1.Changes)))
		}
		keyOf := func(rows []row.Change) map[int64]string {
			keys := map[int64]string{}
			for _, c := range rows {
				if !c.Deleted() {
					keys[c.Position] = string(row.AppendKey(nil, append(slices.Clone(c.Key), c.Values[:2]...)...))
				}
			}
			return keys
		}
		if !maps.Equal(keyOf(o.v1.Changes), keyOf(o.v2.Changes)) {
			t.Error("a row must have the key of the record that made it")
		}
	},
	"float-order": func(t *testing.T, o *outcome) {
		differ := 0
		for i := range o.v1.Changes {
			a, b := o.v1.Changes[i].Values, o.v2.Changes[i].Values
			if !row.Equal(a[0], b[0]) || !row.Equal(a[1], b[1]) {
				t.Fatalf("row %d: more than the sum differs: %v and %v", i, a, b)
			}
			if a[2].IsNull() {
				continue
			}
			x, y := a[2].Float64(), b[2].Float64()
			if x != y {
				differ++
			}
			if math.Abs(x-y) > 1e-12*math.Abs(x) {
				t.Fatalf("row %d: %v and %v are not the same sum", i, x, y)
			}
		}
		if differ == 0 {
			t.Error("no sum differs")
		}
	},
	"boundary": func(t *testing.T, o *outcome) {
		moved := 0
		for i := range o.v1.Changes {
			a, b := &o.v1.Changes[i], &o.v2.Changes[i]
			switch {
			case a.WindowStart == b.WindowStart:
			case a.WindowStart-1000 == b.WindowStart:
				moved++
			default:
				t.Fatalf("row %d is in window %d, V1's in %d", i, b.WindowStart, a.WindowStart)
			}
		}
		if moved == 0 {
			t.Error("no row is in another window")
		}
	},
	"late-refire": func(t *testing.T, o *outcome) {
		extra, ok := lacks(o.v2.Changes, o.v1.Changes)
		if !ok || len(extra) == 0 || o.v1.Late == 0 {
			t.Fatalf("%d rows are extra, and %d records late", len(extra), o.v1.Late)
		}
		for _, c := range extra {
			if !slices.ContainsFunc(o.v1.Changes, func(w row.Change) bool { return w.Position < c.Position && row.EqualRow(&w, &c) }) {
				t.Fatalf("a row is extra that was not there before: %v", c)
			}
		}
	},
	"state-reset": func(t *testing.T, o *outcome) {
		i := 0
		for i < len(o.v1.Changes) && row.EqualRow(&o.v1.Changes[i], &o.v2.Changes[i]) {
			i++
		}
		if i == len(o.v1.Changes) || o.v1.Changes[i].Position < int64(o.batches[0].Len()) {
			t.Errorf("the first row that differs is %d of %d", i, len(o.v1.Changes))
		}
	},
	"stale-restore": func(t *testing.T, o *outcome) {
		i := 0
		for i < len(o.v1.Changes) && row.EqualRow(&o.v1.Changes[i], &o.v2.Changes[i]) {
			i++
		}
		if i == len(o.v1.Changes) || o.v1.Changes[i].Position < o.batches[3].First {
			t.Errorf("the first row that differs is %d of %d", i, len(o.v1.Changes))
		}
	},
	"int-as-float": func(t *testing.T, o *outcome) {
		for i := range o.v1.Changes {
			a, b := o.v1.Changes[i].Values[2], o.v2.Changes[i].Values[2]
			if b.Kind() != row.Double || b.Float64() != float64(a.Int64()) {
				t.Fatalf("%s is shown as %s, a %s", a, b, b.Kind())
			}
		}
	},
	"scale": nil, // has a test of its own
	"tombstone-lost": func(t *testing.T, o *outcome) {
		missing, ok := lacks(o.v1.Changes, o.v2.Changes)
		if !ok || len(missing) == 0 || slices.ContainsFunc(missing, func(c row.Change) bool { return !c.Deleted() }) {
			t.Errorf("%d rows are missing, want all deletions and no other row", len(missing))
		}
	},
	"swallow-error": func(t *testing.T, o *outcome) {
		if len(o.v2.Changes) == 0 || len(o.v2.Changes) >= len(o.v1.Changes) || o.v1.ExpressionErrors == 0 || len(o.v2.DeadLetters) != 0 {
			t.Errorf("%d rows, V1 has %d and %d errors; %d dead letters", len(o.v2.Changes), len(o.v1.Changes), o.v1.ExpressionErrors, len(o.v2.DeadLetters))
		}
	},
	"panic": func(t *testing.T, o *outcome) {
		if p, ok := errors.AsType[*processors.PanicError](o.err); !ok || p.Batch != 0 {
			t.Errorf("got %v, want a panic in the first batch", o.err)
		}
	},
	"silent": func(t *testing.T, o *outcome) {
		if len(o.v2.Changes) != 0 {
			t.Errorf("%d rows", len(o.v2.Changes))
		}
		if records(o.stats) != decodable(o.batches) {
			t.Errorf("%d records were processed, want all %d", records(o.stats), decodable(o.batches))
		}
	},
	"echo": func(t *testing.T, o *outcome) {
		if d := o.v2.Difference(o.v1); d != "" {
			t.Error(d)
		}
		if len(o.stats) != partitions || records(o.stats) != 0 {
			t.Errorf("an echo processed %d records in %d partitions", records(o.stats), len(o.stats))
		}
	},
	"hang": nil, // has a test of its own
	"slow": func(t *testing.T, o *outcome) { // how slow has a test of its own
		if d := o.v2.Difference(o.v1); d != "" {
			t.Error(d)
		}
	},
	"memory": nil, // has a test of its own
}

func records(stats []processors.PartitionStats) (n int64) {
	for _, s := range stats {
		n += s.Records
	}
	return n
}

func decodable(batches []*row.Batch) (n int64) {
	for _, b := range batches {
		for i := range b.Len() {
			if b.Record(i).State != row.Undecodable {
				n++
			}
		}
	}
	return n
}

func TestEachFaultGoesWrongInItsOwnWay(t *testing.T) {
	for _, k := range faults.Catalogue() {
		show, known := shows[k.Name]
		if !known {
			t.Errorf("nothing says what %s does", k.Name)
		}
		if show == nil {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			o := run(t, k.Name)
			if o.err != nil && k.Name != "panic" {
				t.Fatal(o.err)
			}
			show(t, o)
		})
	}
}

func TestScaleWritesMoreDigitsAndTheSameNumber(t *testing.T) {
	f, err := faults.Parse("scale")
	if err != nil {
		t.Fatal(err)
	}
	p := compiled("SELECT symbol, AVG(CAST(quantity AS DECIMAL(10, 2))) AS mean FROM trades GROUP BY symbol EMIT CHANGES")
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: partitions}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v2.Close()
	v1, err := processors.NewV1(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches := processortest.Batches(processortest.RandomTrades(11, 200), 50, true)
	want, err := processortest.Run(v1, batches)
	if err != nil {
		t.Fatal(err)
	}
	got, err := processortest.Run(v2, batches)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Changes {
		a, b := want.Changes[i].Values[1], got.Changes[i].Values[1]
		if a.IsNull() {
			continue
		}
		if b.String() != a.String()+"00" {
			t.Fatalf("%s is written as %s", a, b)
		}
	}
}

func TestOutsideItsRangeAFaultDoesNothing(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if slices.Contains([]string{"echo", "hang", "limit-split", "session-global", "swallow-error"}, k.Name) { // they take no range
			continue
		}
		o := run(t, k.Name+"@100000")
		if o.err != nil {
			t.Errorf("%s: %v", k.Name, o.err)
		} else if d := o.v2.Difference(o.v1); d != "" {
			t.Errorf("%s before its range: %s", k.Name, d)
		}
	}
	// Rows of order and number recover after their range.
	for _, text := range []string{"duplicate@301-450", "key-reorder@301-450", "interleave@301-450", "conflate@301-450", "silent@301-450"} {
		o := run(t, text)
		outside := func(rows []row.Change) []row.Change {
			return slices.DeleteFunc(slices.Clone(rows), func(c row.Change) bool { return c.Position >= 300 && c.Position < 450 })
		}
		if same(o.v1.Changes, o.v2.Changes) {
			t.Errorf("%s: no difference", text)
		}
		if !same(outside(o.v1.Changes), outside(o.v2.Changes)) {
			t.Errorf("%s: there is a difference outside the range", text)
		}
	}
}

func TestAFaultIsTheSameEachTime(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if k.Name == "hang" {
			continue
		}
		a, b := run(t, k.Name), run(t, k.Name)
		if d := a.v2.Difference(b.v2); d != "" {
			t.Errorf("%s: %s", k.Name, d)
		}
		if (a.err == nil) != (b.err == nil) || a.err != nil && a.err.Error() != b.err.Error() {
			t.Errorf("%s: %v, then %v", k.Name, a.err, b.err)
		}
	}
}

func TestAHungV2HeedsNoContextAndGoesOnWhenReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := scenario(faults.Kind{})
		f, err := faults.Parse("hang@250")
		if err != nil {
			t.Fatal(err)
		}
		v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: partitions}, p, processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		hung := v2.(*faults.Hung)
		batches := processortest.Batches(processortest.RandomTrades(12, 400), 200, false)
		if _, err := hung.Process(t.Context(), batches[0]); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := hung.Process(ctx, batches[1])
			done <- err
		}()
		cancel()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("came back: %v", err)
		default:
		}
		if err := hung.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, processors.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if n := hung.Leaked(); n != 1 {
			t.Errorf("%d goroutines are left behind, want 1", n)
		}
		hung.Release()
		synctest.Wait()
		if n := hung.Leaked(); n != 0 {
			t.Errorf("%d goroutines are left behind after the release", n)
		}
	})
}

func TestAV2WithoutBoundHoldsMoreWithEachStruckRecord(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	batches := processortest.Batches(processortest.RandomTrades(13, 4000), 1000, false)
	v2, p := newFault(t, "memory@1001-3000")
	v1, err := processors.NewV1(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := processortest.Run(v1, batches)
	if err != nil {
		t.Fatal(err)
	}
	got := &processortest.Total{}
	var grown [4]int64
	for i, b := range batches {
		before := heap()
		o, err := v2.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		got.Add(o)
		grown[i] = heap() - before
	}
	if d := got.Difference(want); d != "" {
		t.Error(d)
	}
	// Of 1000 records, some are undecodable or null.
	const most, least = 18 << 20, 14 << 20
	for i, struck := range []bool{false, true, true, false} {
		if g := grown[i]; struck && (g < least || g > most) || !struck && g > least/4 {
			t.Errorf("batch %d: the heap grew by %d bytes", i, g)
		}
	}
	runtime.KeepAlive(v2)
}

func TestAV2ThatTakesAFaultsPlaceGoesOnCounting(t *testing.T) {
	f, err := faults.Parse("silent@1-400")
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	batches := processortest.Batches(processortest.RandomTrades(14, 800), 200, false)
	for i, part := range [][]*row.Batch{batches[:1], batches[1:2], batches[2:3], batches[3:]} {
		v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: partitions}, p, processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o, err := processortest.Run(v2, part)
		if err != nil {
			t.Fatal(err)
		}
		if silent := len(o.Changes) == 0; silent != (i < 2) {
			t.Errorf("the V2 that gets batch %d emits %d rows", i, len(o.Changes))
		}
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFaultThatNeedsPartitionsGetsOrWantsThem(t *testing.T) {
	f, err := faults.Parse("interleave")
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	if _, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 1}, p, processors.Options{}); err == nil {
		t.Error("one partition cannot be out of order with another")
	}
	if _, err := f.New(processors.Config{Architecture: processors.ArchitectureV1}, p, processors.Options{}); err == nil {
		t.Error("V1 has no such fault")
	}
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := v2.Describe().Partitions; got < 2 {
		t.Errorf("got %d partitions, want at least 2", got)
	}
	if err := v2.Close(); err != nil {
		t.Error(err)
	}
}
