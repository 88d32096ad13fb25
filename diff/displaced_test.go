package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// shifted is a row of another window, with another value.
func shifted(c row.Change, start, end, value int64) row.Change {
	c.WindowStart, c.WindowEnd, c.Values = start, end, []row.Value{row.NewBigint(value)}
	return c
}

func TestARowInAnotherWindowIsOneDivergence(t *testing.T) {
	b := timed(0, 0, 100, 100)
	one := made(b, 0, 1, 1000, 2000, 5)
	final := made(b, 0, 0, 1000, 2000, 5)
	for _, c := range []struct {
		name     string
		session  bool
		one, two row.Change
		classes  map[diff.Class]int64
		guess    diff.Hypothesis
	}{
		{"the one before", false, one, shifted(one, 0, 1000, 5), map[diff.Class]int64{diff.WindowBounds: 1}, diff.OffByOne},
		{"the one after, with another value", false, one, shifted(one, 2000, 3000, 6), map[diff.Class]int64{diff.WindowBounds: 1}, diff.OffByOne},
		{"one far away", false, one, shifted(one, 7000, 8000, 5), map[diff.Class]int64{diff.WindowBounds: 1}, ""},
		{"a longer session", true, one, shifted(one, 900, 2000, 9), map[diff.Class]int64{diff.WindowBounds: 1}, diff.SharedSession},
		{"a shorter session", true, one, shifted(one, 1500, 2000, 9), map[diff.Class]int64{diff.WindowBounds: 1}, ""},
		{"by time, the same values", false, final, shifted(final, 0, 1000, 5), map[diff.Class]int64{diff.WindowBounds: 1}, diff.OffByOne},
		{"by time, other values: two windows that closed at once", false, final, shifted(final, 0, 1000, 6), map[diff.Class]int64{diff.Missing: 1, diff.Extra: 1}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sink()
			s.Session = c.session
			d := diff.New([]*row.Sink{s}, diff.Options{})
			d.Compare(outcome(b, []row.Change{c.one}), outcome(b, []row.Change{c.two}))
			r := d.Result()
			all := only(t, r)
			for class, n := range c.classes {
				if all[class].Count != n || all[class].Hypothesis != c.guess {
					t.Errorf("%s: %d times, hypothesis %q, want %d and %q", class, all[class].Count, all[class].Hypothesis, n, c.guess)
				}
			}
			if len(all) != len(c.classes) || r.LevelHeld != diff.None {
				t.Errorf("%v at %s", r.ByClass, r.LevelHeld)
			}
			if ex := all[diff.WindowBounds].Example; len(ex.Columns) > 0 && (ex.Columns[0].Name != "window" || ex.Columns[0].V1 != "[1000, 2000)") {
				t.Errorf("%+v", ex.Columns)
			}
		})
	}
}

func TestARowOfAnotherCauseIsNotTheSameRow(t *testing.T) {
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	b := timed(0, 0, 100, 100)
	d.Compare(outcome(b, []row.Change{made(b, 0, 1, 1000, 2000, 5)}), outcome(b, []row.Change{made(b, 1, 1, 0, 1000, 5)}))
	if r := d.Result(); r.ByClass[diff.Missing] != 1 || r.ByClass[diff.Extra] != 1 || r.Root != 2 {
		t.Errorf("%v", r.ByClass)
	}
}

func TestARowUnderAnotherKeyIsOneDivergence(t *testing.T) {
	b := timed(0, 0, 100)
	one := made(b, 0, 1, 1000, 2000, 5)
	one.Key = []row.Value{{}}
	two := one
	two.Key = []row.Value{row.NewString("NULL")}
	d := diff.New([]*row.Sink{sink()}, diff.Options{})
	d.Compare(outcome(b, []row.Change{one}), outcome(b, []row.Change{two}))
	r := d.Result()
	if got := only(t, r)[diff.KeyClass]; r.Root != 1 || len(r.ByClass) != 1 || got.Hypothesis != diff.NullText || got.Example.Columns[0].V2 != `K="NULL"` {
		t.Errorf("%v %+v", r.ByClass, got)
	}
	two.Values = []row.Value{row.NewBigint(6)}
	d = diff.New([]*row.Sink{sink()}, diff.Options{})
	d.Compare(outcome(b, []row.Change{one}), outcome(b, []row.Change{two}))
	if r := d.Result(); r.ByClass[diff.Missing] != 1 || r.ByClass[diff.Extra] != 1 {
		t.Errorf("%v", r.ByClass)
	}
}
