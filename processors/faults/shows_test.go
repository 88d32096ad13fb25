package faults_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"parallax/processors"
	"parallax/processors/row"
)

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
			var struck [parts]bool // a record that does not decode is of the partition of its topic-partition
			for i := range b.Len() {
				if r := b.Record(i); r.State == row.Undecodable {
					struck[int(r.Partition)%parts] = true
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
	"expired-stays": func(t *testing.T, o *outcome) {
		if !same(o.v1.Changes, o.v2.Changes) {
			t.Error("the rows are not V1's: it shows in the state only")
		}
	},
	"session-twice": func(t *testing.T, o *outcome) {
		if same(o.v1.Changes, o.v2.Changes) || len(o.v2.Changes) == 0 {
			t.Error("no session that is there twice shows in the end")
		}
	},
	"join-forgets": nil, // these tests have no join: see TestAFaultInTheStateShowsThere
	"update-lost": func(t *testing.T, o *outcome) {
		end := o.batches[len(o.batches)-1].First
		if same(o.v1.Changes, o.v2.Changes) {
			t.Error("nothing is missing in the rows at the end")
		}
		for i := range o.v2.Changes {
			if c := &o.v2.Changes[i]; c.Position < end && c.Phase != 0 {
				t.Errorf("a record made a row, at position %d: EMIT FINAL", c.Position)
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
		if len(o.v1.Changes) != 100 || len(o.v2.Changes) != 100*parts {
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
	"lose-keys": func(t *testing.T, o *outcome) {
		for i := range o.v1.Changes {
			one, two := o.v1.Changes[i], o.v2.Changes[i]
			if len(two.Key) != len(one.Key) || !two.Key[0].IsNull() {
				t.Fatalf("row %d still has a key: %v", i, two.Key)
			}
			two.Key = one.Key
			if !row.EqualRow(&one, &two) {
				t.Fatalf("row %d differs in more than its key", i)
			}
		}
	},
	"overwrite": func(t *testing.T, o *outcome) {
		overwritten := 0
		for i := range o.v1.Changes {
			one, two := o.v1.Changes[i], o.v2.Changes[i]
			if two.Key[0].Str()[0] == '#' {
				overwritten++
			}
			two.Key = one.Key
			if !row.EqualRow(&one, &two) {
				t.Fatalf("row %d differs in more than its key", i)
			}
		}
		if overwritten == 0 {
			t.Error("no key was overwritten")
		}
	},
	"swap-outputs":      nil, // has a test of its own
	"lose-dead-letters": nil, // has a test of its own
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
		if len(o.stats) != parts || records(o.stats) != 0 {
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
