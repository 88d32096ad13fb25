package diff_test

import (
	"fmt"
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// letters are dead letters as "record: reason".
func letters(list []row.DeadLetter) (text []string) {
	for _, l := range list {
		text = append(text, fmt.Sprintf("%d: %s", l.Record, l.Reason))
	}
	return text
}

// compareOutcomes compares both sides' outcomes for a batch of five records without rows.
func compareOutcomes(v1, v2 row.Outcome, sinks ...*row.Sink) diff.Result {
	records := make([]row.Record, 5)
	for i := range records {
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in", Partition: 2}, Offset: int64(100 + i)}
	}
	b := row.NewBatch(7, 0, records, nil)
	for _, o := range []*row.Outcome{&v1, &v2} {
		o.Batch, o.Dispositions = b, make([]row.Disposition, 5)
	}
	if len(sinks) == 0 {
		sinks = []*row.Sink{sink()}
	}
	d := diff.New(sinks, diff.Options{Require: diff.E3})
	d.Compare(&v1, &v2)
	return d.Result()
}

func TestDeadLettersAreComparedAsRecordsAndReasons(t *testing.T) {
	type list = []row.DeadLetter
	late, zero := "late: its window has closed", "division by zero"
	for name, c := range map[string]struct {
		v1, v2 list
		want   []string // class, column, sides, offset
	}{
		"the same":             {list{{Record: 1, Reason: late}, {Record: 1, Reason: zero}}, list{{Record: 1, Reason: late}, {Record: 1, Reason: zero}}, nil},
		"in another order":     {list{{Record: 1, Reason: late}, {Record: 3, Reason: zero}}, list{{Record: 3, Reason: zero}, {Record: 1, Reason: late}}, nil},
		"V2 has none":          {list{{Record: 1, Reason: late}}, nil, []string{`missing dead letter "` + late + `" "" @101`}},
		"V1 has none":          {nil, list{{Record: 4, Reason: zero}}, []string{`extra dead letter "" "division by zero" @104`}},
		"another reason":       {list{{Record: 1, Reason: late}}, list{{Record: 1, Reason: zero}}, []string{`value reason "` + late + `" "division by zero" @101`}},
		"another record":       {list{{Record: 1, Reason: zero}}, list{{Record: 2, Reason: zero}}, []string{`extra dead letter "" "division by zero" @102`, `missing dead letter "division by zero" "" @101`}},
		"one of two reasons":   {list{{Record: 1, Reason: late}, {Record: 1, Reason: zero}}, list{{Record: 1, Reason: zero}}, []string{`missing dead letter "` + late + `" "" @101`}},
		"twice for one reason": {list{{Record: 1, Reason: zero}}, list{{Record: 1, Reason: zero}, {Record: 1, Reason: zero}}, []string{`extra dead letter "" "division by zero" @101`}},
	} {
		r := compareOutcomes(row.Outcome{DeadLetters: c.v1}, row.Outcome{DeadLetters: c.v2})
		var got []string
		for _, s := range r.Signatures {
			e := s.Example
			got = append(got, fmt.Sprintf("%s %s %q %q @%d", s.Class, e.Columns[0].Name, e.Columns[0].V1, e.Columns[0].V2, e.Causes[0].Offset))
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) || r.Root != int64(len(c.want)) {
			t.Errorf("%s: V1 %q, V2 %q:\n%q, want\n%q", name, letters(c.v1), letters(c.v2), got, c.want)
		}
	}
}

// A value that is NULL because of an error equals a value that is NULL without one.
func TestExpressionErrorsAreComparedWhereTheRowsAreTheSame(t *testing.T) {
	scoped := sink()
	scoped.WindowScope = true
	for name, c := range map[string]struct {
		v1, v2 int64
		sink   *row.Sink
		roots  int64
	}{
		"as many":                  {3, 3, sink(), 0},
		"none in V2":               {3, 0, sink(), 1},
		"more in V2":               {0, 1, sink(), 1},
		"of groups of each window": {3, 2, scoped, 0},
	} {
		r := compareOutcomes(row.Outcome{ExpressionErrors: c.v1}, row.Outcome{ExpressionErrors: c.v2}, c.sink)
		if r.Root != c.roots || r.ByClass[diff.ValueClass] != c.roots {
			t.Errorf("%s: %+v", name, r.ByClass)
		}
	}
}

// A V2 that keeps a window open, or accepts a late record into one, produces the same rows
// for a while.
func TestLateRecordsAndClosedWindowsAreComparedWhereTheRowsAreTheSame(t *testing.T) {
	scoped := sink()
	scoped.WindowScope = true
	for name, c := range map[string]struct {
		v1, v2 row.Outcome
		column string
	}{
		"as many":              {row.Outcome{Late: 3, ClosedWindows: 2}, row.Outcome{Late: 3, ClosedWindows: 2}, ""},
		"a late record taken":  {row.Outcome{Late: 3}, row.Outcome{Late: 2}, "late records"},
		"a window kept open":   {row.Outcome{ClosedWindows: 2}, row.Outcome{ClosedWindows: 1}, "closed windows"},
		"more windows than V1": {row.Outcome{ClosedWindows: 2}, row.Outcome{ClosedWindows: 4}, "closed windows"},
	} {
		for _, s := range []*row.Sink{sink(), scoped} {
			r := compareOutcomes(c.v1, c.v2, s)
			if c.column == "" {
				if r.Root != 0 {
					t.Errorf("%s: %+v", name, r.ByClass)
				}
				continue
			}
			if r.Root != 1 || len(r.Signatures) != 1 || r.Signatures[0].Example.Columns[0].Name != c.column {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}
