package sensitivity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/sensitivity"
)

func column(name string) row.Column { return row.Column{Name: name} }

// sinks are outputs that offer a row for every kind of mutation: one with all types, one whose
// windows emit when they close, and one without a key.
func sinks() []*row.Sink {
	return []*row.Sink{
		{
			Topic: "all", Windowed: true, Grace: 1000, Key: []row.Column{column("K"), column("L")}, FromKey: []int{0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
			Values: []row.Column{
				column("K"), column("L"), column("INT"), column("BIGINT"), column("DOUBLE"), column("DECIMAL"), column("BYTES"), column("TS"),
				column("DATE"), column("TIME"), column("ARRAY"), column("MAP"), column("STRUCT"),
			},
		},
		{Topic: "final", Windowed: true, Final: true, Key: []row.Column{column("K")}, Values: []row.Column{column("K"), column("OK")}, FromKey: []int{0, -1}},
		{Topic: "plain", AnyPartition: true, Values: []row.Column{column("N")}},
	}
}

const minute = 60_000

// outcomes returns what both sides make of a batch of 20 records: V2 has rows of its own.
func outcomes(seq int64) (v1, v2 *row.Outcome) {
	records := make([]row.Record, 20)
	for i := range records {
		time := (seq*20 + int64(i)) * 10_000 // six records a minute
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: seq*20 + int64(i), EventTime: time, Watermark: time}
	}
	b := row.NewBatch(seq, seq*20, records, nil)
	side := func() *row.Outcome {
		o := &row.Outcome{Batch: b, DeadLetters: []row.DeadLetter{{Record: 3, Reason: "overflow"}}, Late: 2, ClosedWindows: 3}
		for i := range records {
			o.Dispositions = append(o.Dispositions, []row.Disposition{row.Output, row.StateOnly, row.Filtered}[i%3])
			o.Changes = append(o.Changes, rowsOf(b, i)...)
		}
		return o
	}
	return side(), side()
}

// rowsOf are the rows that a record causes.
func rowsOf(b *row.Batch, i int) (rows []row.Change) {
	rec := b.Record(i)
	start := rec.EventTime / minute * minute
	base := row.Change{Position: b.First + int64(i), Phase: 1, Step: 1, Cause: int32(i), Timestamp: rec.EventTime}
	if closed := start; rec.EventTime == start && start > 0 {
		for _, key := range []string{"x", "y"} {
			c := base
			c.Phase, c.Query, c.WindowStart, c.WindowEnd = 0, 1, closed-minute, closed
			c.Key = []row.Value{row.NewString(key)}
			c.Values = []row.Value{c.Key[0], row.NewBoolean(i%2 == 0)}
			rows = append(rows, c)
		}
	}
	c := base
	n := rec.EventTime / 10_000
	c.WindowStart, c.WindowEnd, c.Partition = start, start+minute, int32(i%2)
	c.Key = []row.Value{row.NewString([]string{"ACME", "INTC"}[i%2]), row.NewBigint(7)}
	if i%10 < 8 {
		c.Values = []row.Value{
			c.Key[0], c.Key[1], row.NewIntegral(row.Int, n), row.NewBigint(1<<53 + n), row.NewDouble(float64(n) / 10), row.NewDecimal(numeric.Int128Of(n), 2),
			row.NewBytes([]byte{byte(n)}), row.NewTimestamp(n), row.NewIntegral(row.Date, n), row.NewIntegral(row.Time, n),
			row.NewArray([]row.Value{row.NewBigint(n), {}}), row.NewMap([]string{"a", "b"}, []row.Value{row.NewString("text"), row.NewString("")}),
			row.NewStruct([]string{"F", "G"}, []row.Value{row.NewDouble(0), row.NewArray([]row.Value{row.NewBigint(n)})}),
		}
	} // else it is a deletion
	rows = append(rows, c)
	c = base
	c.Query, c.Values = 2, []row.Value{row.NewBigint(n)}
	return append(rows, c)
}

var levels = []diff.Level{diff.E1, diff.E2, diff.E2w, diff.E3, diff.E3r, diff.E4}

func newDiffer(level diff.Level, rules []diff.Rule) sensitivity.Comparison {
	return diff.New(sinks(), diff.Options{Require: level, Rules: rules})
}

// probe runs the check over n batches that are equal.
func probe(t *testing.T, level diff.Level, rules []diff.Rule, n int64, newComparison func() sensitivity.Comparison) []evidence.Mutation {
	t.Helper()
	check := sensitivity.New(sensitivity.Options{Sinks: sinks(), Require: level, Rules: rules, New: newComparison})
	d := diff.New(sinks(), diff.Options{Require: level, Rules: rules})
	for seq := range n {
		v1, v2 := outcomes(seq)
		d.Compare(v1, v2)
		if found := d.Last(); found.Divergences != 0 || !found.Equal {
			t.Fatalf("the batches of the test differ: %+v, %+v", found, d.Result().Signatures)
		}
		if err := check.On(v1, v2, d.Last()); err != nil {
			t.Fatal(err)
		}
	}
	return check.Count().Mutations
}

func TestEachKindIsDetectedAtEachLevel(t *testing.T) {
	for _, level := range levels {
		seen := 0
		for _, m := range probe(t, level, nil, 3, func() sensitivity.Comparison { return newDiffer(level, nil) }) {
			if m.Injected != 1 || m.Detected != 1 {
				t.Errorf("%s: %s was injected %d times, want once, and detected %d times: %s", level, m.Name, m.Injected, m.Detected, m.Missed)
			}
			seen++
		}
		if want := map[bool]int{true: 35, false: 36}[level < diff.E2w]; seen < want {
			t.Errorf("%s: %d kinds", level, seen)
		}
	}
}

// A comparison that is blind for a class, or finds another one, is found out by each kind of
// that class.
func TestABlindComparisonIsFoundOut(t *testing.T) {
	for _, level := range levels {
		kinds := probe(t, level, nil, 3, func() sensitivity.Comparison { return newDiffer(level, nil) })
		for _, k := range kinds {
			class := diff.Class(k.Class)
			for name, how := range map[string]func(r *diff.Result){
				"blind":           func(r *diff.Result) { r.Root -= r.ByClass[class]; delete(r.ByClass, class) },
				"another class":   func(r *diff.Result) { r.ByClass["other"] = r.ByClass[class]; delete(r.ByClass, class) },
				"one more":        func(r *diff.Result) { r.ByClass["other"]++ },
				"never any roots": func(r *diff.Result) { r.Root = 0 },
			} {
				found := probe(t, level, nil, 3, func() sensitivity.Comparison { return filtered{newDiffer(level, nil), how} })
				for _, m := range found {
					if m.Class == k.Class && m.Name == k.Name && (m.Detected != 0 || m.Missed == "") {
						t.Errorf("%s, %s: %s was detected by a comparison that is blind for %s", level, name, m.Name, class)
					}
				}
			}
		}
	}
}

// filtered changes what a comparison has found.
type filtered struct {
	sensitivity.Comparison
	change func(r *diff.Result)
}

func (f filtered) Result() diff.Result {
	r := f.Comparison.Result()
	f.change(&r)
	return r
}

// blinded changes what a comparison is given of both sides, so that it cannot see a part of it.
type blinded struct {
	sensitivity.Comparison
	hide func(o *row.Outcome)
}

func (b blinded) Compare(v1, v2 *row.Outcome) {
	own := func(o row.Outcome) *row.Outcome {
		o.Changes, o.Dispositions, o.DeadLetters = slices.Clone(o.Changes), slices.Clone(o.Dispositions), slices.Clone(o.DeadLetters)
		b.hide(&o)
		return &o
	}
	b.Comparison.Compare(own(*v1), own(*v2))
}

// eachValue hides a part of every value.
func eachValue(hide func(v row.Value) row.Value) func(o *row.Outcome) {
	return func(o *row.Outcome) {
		for i := range o.Changes {
			c := &o.Changes[i]
			c.Values = slices.Clone(c.Values)
			for j, v := range c.Values {
				c.Values[j] = hide(v)
			}
		}
	}
}

func eachRow(hide func(c *row.Change)) func(o *row.Outcome) {
	return func(o *row.Outcome) {
		for i := range o.Changes {
			hide(&o.Changes[i])
		}
	}
}

func TestAComparisonThatCannotSeeAPartIsFoundOut(t *testing.T) {
	of := func(kind row.Kind, same row.Value) func(o *row.Outcome) {
		return eachValue(func(v row.Value) row.Value {
			if v.Kind() == kind {
				return same
			}
			return v
		})
	}
	for kind, hide := range map[string]func(o *row.Outcome){
		"value BOOLEAN":   of(row.Boolean, row.NewBoolean(true)),
		"value INT":       of(row.Int, row.NewInt(1)),
		"value BIGINT":    of(row.Bigint, row.NewBigint(1)),
		"value DOUBLE":    eachValue(func(v row.Value) row.Value { return rounded(v) }),
		"value DECIMAL":   of(row.Decimal, row.NewDecimal(numeric.Int128Of(1), 2)),
		"value STRING":    of(row.String, row.NewString("")),
		"value BYTES":     of(row.Bytes, row.NewBytes(nil)),
		"value TIMESTAMP": of(row.Timestamp, row.NewTimestamp(0)),
		"value DATE":      of(row.Date, row.NewIntegral(row.Date, 0)),
		"value TIME":      of(row.Time, row.NewIntegral(row.Time, 0)),
		"value ARRAY":     of(row.Array, row.NewArray(nil)),
		"value MAP":       of(row.Map, row.NewMap(nil, nil)),
		"value STRUCT":    of(row.Struct, row.NewStruct(nil, nil)),
		"type": eachValue(func(v row.Value) row.Value {
			if v.Kind() == row.Int || v.Kind() == row.Bigint || v.Kind() == row.Decimal || v.Kind() == row.Double {
				return row.NewBigint(0)
			}
			return v
		}),
		"null for a value": eachValue(func(row.Value) row.Value { return row.Value{} }),
		"timestamp":        eachRow(func(c *row.Change) { c.Timestamp = 0 }),
		"schema":           eachRow(func(c *row.Change) { c.Values = c.Values[:min(1, len(c.Values))] }),
		"window":           eachRow(func(c *row.Change) { c.WindowStart = 0 }),
		"key": eachRow(func(c *row.Change) {
			c.Key = []row.Value{row.NewString("K"), row.NewBigint(7)}[:len(c.Key)]
			c.Values = c.Values[:0:0]
		}),
		"tombstone lost": func(o *row.Outcome) {
			o.Changes = slices.DeleteFunc(o.Changes, func(c row.Change) bool { return c.Deleted() })
		},
		"routing": eachRow(func(c *row.Change) { c.Partition = 0 }),
		"order within a key": func(o *row.Outcome) {
			slices.SortStableFunc(o.Changes, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
		},
		"order among keys": func(o *row.Outcome) {
			slices.SortStableFunc(o.Changes, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
		},
		"duplicate": func(o *row.Outcome) {
			o.Changes = slices.CompactFunc(o.Changes, func(a, b row.Change) bool { return row.EqualRow(&a, &b) })
		},
		"missing":                    func(o *row.Outcome) { o.Changes = nil },
		"extra":                      func(o *row.Outcome) { o.Changes = nil },
		"early":                      func(o *row.Outcome) { o.Changes = nil },
		"late":                       func(o *row.Outcome) { o.Changes = nil },
		"disposition":                func(o *row.Outcome) { clear(o.Dispositions) },
		"dead letter added":          func(o *row.Outcome) { o.DeadLetters = nil },
		"dead letter lost":           func(o *row.Outcome) { o.DeadLetters = nil },
		"dead letter's reason":       func(o *row.Outcome) { o.DeadLetters = o.DeadLetters[:0] },
		"row dropped by merge":       func(o *row.Outcome) { o.Deduplicated = 0 },
		"row moved by merge":         func(o *row.Outcome) { o.Reordered = 0 },
		"count of late records":      func(o *row.Outcome) { o.Late = 0 },
		"count of closed windows":    func(o *row.Outcome) { o.ClosedWindows = 0 },
		"count of expression errors": func(o *row.Outcome) { o.ExpressionErrors = 0 },
	} {
		found := probe(t, diff.E1, nil, 3, func() sensitivity.Comparison { return blinded{newDiffer(diff.E1, nil), hide} })
		i := slices.IndexFunc(found, func(m evidence.Mutation) bool { return m.Name == kind })
		if i < 0 {
			t.Errorf("there is no kind %q", kind)
			continue
		}
		if m := found[i]; m.Injected != 1 || m.Detected != 0 || !strings.Contains(m.Missed, "expected "+m.Class) {
			t.Errorf("%s: a comparison that cannot see it detected %d of %d: %q", kind, m.Detected, m.Injected, m.Missed)
		}
	}
}

// rounded is a DOUBLE without its last places.
func rounded(v row.Value) row.Value {
	if v.Kind() != row.Double {
		return v
	}
	return row.NewDouble(float64(float32(v.Float64())))
}

// What a rule allows is no mutation.
func TestColumnsWithRulesAreNotChanged(t *testing.T) {
	rule := func(column string) diff.Rule {
		return diff.Rule{Column: column, Ignore: true, Owner: "o", Reason: "r", Expires: "2099-01-01", MaxRate: 1}
	}
	rules := []diff.Rule{rule("DOUBLE"), rule("MAP"), rule("timestamp"), rule("STRUCT.F")}
	for _, m := range probe(t, diff.E1, rules, 3, func() sensitivity.Comparison { return newDiffer(diff.E1, rules) }) {
		switch m.Name {
		case "value DOUBLE", "value MAP", "value STRUCT", "timestamp":
			if m.Injected != 0 {
				t.Errorf("%s was injected although a rule is about it: %+v", m.Name, m)
			}
		default:
			if m.Injected != 1 || m.Detected != 1 {
				t.Errorf("%s: %+v", m.Name, m)
			}
		}
	}
}

// A round for each million rows injects each kind once.
func TestARoundFollowsAfterAMillionRows(t *testing.T) {
	v1, v2 := outcomes(1)
	d := diff.New(sinks(), diff.Options{})
	d.Compare(v1, v2)
	check := sensitivity.New(sensitivity.Options{Sinks: sinks(), New: func() sensitivity.Comparison { return newDiffer(diff.E1, nil) }})
	batches := 3*sensitivity.RoundRows/len(v1.Changes) + 20
	for range batches {
		if err := check.On(v1, v2, d.Last()); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range check.Count().Mutations {
		if m.Injected != 4 || m.Detected != 4 {
			t.Errorf("%s: %d injected, %d detected, want 4", m.Name, m.Injected, m.Detected)
		}
	}
	if detected, missed := check.Found(); detected != int64(4*len(check.Count().Mutations)) || missed != 0 {
		t.Errorf("%d detected, %d missed", detected, missed)
	}
}

// Batches with divergences, and without rows, offer nothing.
func TestNothingIsInjectedWithoutAnEqualBatch(t *testing.T) {
	v1, v2 := outcomes(0)
	empty := &row.Outcome{Batch: row.NewFlush(0, 0, 0)}
	check := sensitivity.New(sensitivity.Options{Sinks: sinks(), New: func() sensitivity.Comparison { return newDiffer(diff.E1, nil) }})
	if err := check.On(v1, v2, diff.Found{Divergences: 1, Visible: 1}); err != nil {
		t.Fatal(err)
	}
	if detected, missed := check.Found(); detected+missed != 0 {
		t.Errorf("%d detected, %d missed in a batch that differs", detected, missed)
	}
	if err := check.On(empty, empty, diff.Found{Equal: true}); err != nil {
		t.Fatal(err)
	}
	if _, missed := check.Found(); missed != 0 {
		t.Errorf("%d missed in an empty batch: %+v", missed, check.Count())
	}
}

// Both sides' rows stay what they are: V1's are the job's output, and the comparison keeps notes
// beside them.
func TestNothingOfTheRunIsChanged(t *testing.T) {
	v1, v2 := outcomes(0)
	for _, o := range []*row.Outcome{v1, v2} {
		for i := range o.Changes {
			o.Changes[i].Written = &row.Written{Hash: 5}
		}
	}
	text := func() string { return fmt.Sprintf("%+v %+v", *v1, *v2) }
	before := text()
	check := sensitivity.New(sensitivity.Options{Sinks: sinks(), New: func() sensitivity.Comparison { return newDiffer(diff.E1, nil) }})
	if err := check.On(v1, v2, diff.Found{Equal: true}); err != nil {
		t.Fatal(err)
	}
	if detected, _ := check.Found(); detected < 30 {
		t.Errorf("%d detected", detected)
	}
	if after := text(); after != before {
		t.Errorf("the rows were changed:\n%s\nbefore\n%s", after, before)
	}
	for _, o := range []*row.Outcome{v1, v2} {
		for i := range o.Changes {
			if w := o.Changes[i].Written; w.Compared != nil || w.Hash != 5 {
				t.Errorf("a note was left at row %d: %+v", i, w)
			}
		}
	}
}

// A panic in the check is the tool's.
func TestAPanicInTheCheckIsAnError(t *testing.T) {
	v1, v2 := outcomes(0)
	check := sensitivity.New(sensitivity.Options{Sinks: sinks(), New: func() sensitivity.Comparison { panic("no memory") }})
	err := check.On(v1, v2, diff.Found{Equal: true})
	if err == nil || !strings.Contains(err.Error(), "check the comparison with changed rows of batch 0") || !strings.Contains(err.Error(), "no memory") {
		t.Errorf("%v", err)
	}
}
