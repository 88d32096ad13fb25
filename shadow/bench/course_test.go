package bench

import (
	"strings"
	"testing"

	"parallax/shadow/workload"
)

// courseOf returns a course of a scenario with few records.
func courseOf(t *testing.T, id string, records, batch int, lanes ...*lane) *course {
	t.Helper()
	s, err := lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		l.batch = batch
	}
	return &course{scenario: s, in: NewInput(s.data, workload.Options{Records: records, Seed: 1}), lanes: lanes}
}

func v1Lane(t *testing.T, id string) *lane {
	t.Helper()
	s, err := lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	q, err := newQuery(s.sql)
	if err != nil {
		t.Fatal(err)
	}
	return &lane{path: &path{name: "v1", cores: 1}, run: q.v1}
}

// alters returns a lane with the rows of another one, except for the one that change
// alters.
func alters(name string, of *lane, change func(out *output)) *lane {
	return &lane{path: &path{name: name, cores: 1}, run: func(in *Input, size int, out *output) error {
		if err := of.run(in, size, out); err != nil {
			return err
		}
		change(out)
		return nil
	}}
}

func TestAPathWhoseRowsDifferHasNoFigure(t *testing.T) {
	v1 := v1Lane(t, "3b")
	for name, change := range map[string]func(*output){
		"a row less":  func(out *output) { out.rows-- },
		"another row": func(out *output) { out.row(nil, []byte("x")); out.rows-- },
	} {
		c := courseOf(t, "3b", 500, 100, v1, alters("v2:4", v1, change))
		v1.want = output{}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
		if err := c.measure(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := c.countAllocations(); err != nil {
			t.Fatal(err)
		}
		c.compare()
		results := c.results(c.lanes, 1)
		if r := results[0]; r.Differs != "" || r.NsPerRecord == nil || r.Rows != 500 {
			t.Errorf("%s: V1 is right, and its result is %+v", name, r)
		}
		r := results[1]
		if r.NsPerRecord != nil || r.CPUNsPerRecord != nil || r.AllocsPerRecord != nil || r.RatioTo != nil {
			t.Errorf("%s: there are figures: %+v", name, r)
		}
		if !strings.Contains(r.Differs, "v1 gave 500") {
			t.Errorf("%s: it says %q", name, r.Differs)
		}
		if d := (&Document{Results: results}).Differing(); len(d) != 1 || d[0].Path != "v2:4" {
			t.Errorf("%s: differing are %+v", name, d)
		}
	}
}

// A path may be right once and wrong later.
func TestRowsThatDifferInALaterRoundTakeTheFigureAway(t *testing.T) {
	v1 := v1Lane(t, "2c")
	runs := 0
	c := courseOf(t, "2c", 300, 100, v1, alters("v2:2", v1, func(out *output) {
		if runs++; runs == 3 {
			out.rows++
		}
	}))
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	if err := c.measure(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	if c.lanes[0].differs != "" || !strings.Contains(c.lanes[1].differs, "300") {
		t.Errorf("got %q and %q", c.lanes[0].differs, c.lanes[1].differs)
	}
}

func TestRoundsRunEveryPathOnceAndBeginWithAnother(t *testing.T) {
	var order string
	named := func(name string) *lane {
		return &lane{path: &path{name: name, cores: 1}, run: func(*Input, int, *output) error {
			order += name
			return nil
		}}
	}
	c := courseOf(t, "0", 10, 10, named("a"), named("b"), named("c"))
	if err := c.measure(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	if want := "abc" + "cba" + "bca" + "bac" + "cab" + "acb"; order != want {
		t.Errorf("got %s, want %s", order, want)
	}
}

// Allocations before all keys are known do not count.
func TestAllocationsAreThoseOfTheSecondHalf(t *testing.T) {
	var kept []*[64]byte
	l := &lane{path: &path{name: "v1", cores: 1}, run: func(in *Input, _ int, _ *output) error {
		kept = nil
		for range 500 + 3*in.Len() { // 500 to warm up, three a record
			kept = append(kept, new([64]byte))
		}
		return nil
	}}
	c := courseOf(t, "0", 1000, 100, l)
	if err := c.countAllocations(); err != nil {
		t.Fatal(err)
	}
	if l.allocs < 2.9 || l.allocs > 3.1 { // the process itself allocates some in either half
		t.Errorf("%v allocations a record, and it makes three", l.allocs)
	}
}
