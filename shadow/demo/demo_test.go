package demo

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"parallax/processors/faults"
	"parallax/reports/gate"
	"parallax/shadow/job"
	"parallax/shadow/workload"
)

// A demo takes the scenario and the number of records that are asked for, else those that
// its fault needs, else the default.
func TestADemoChoosesDataThatShowsItsFault(t *testing.T) {
	f, err := faults.Parse("float-order")
	if err != nil {
		t.Fatal(err)
	}
	own := f.Kind.Records
	if own <= 0 {
		s, err := workload.Lookup(f.Kind.Scenario)
		if err != nil {
			t.Fatal(err)
		}
		own = s.Records
	}
	standard, err := workload.Lookup(workload.Default)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		opt      Options
		scenario string
		records  int
	}{
		{"nothing asked for", Options{Records: -1}, workload.Default, standard.Records},
		{"a fault", Options{Records: -1, Fault: "float-order"}, f.Kind.Scenario, own},
		{"a fault and a scenario", Options{Records: 10, Fault: "float-order", Scenario: "3b"}, "3b", 10},
		{"a time", Options{Records: -1, Duration: time.Minute, Scenario: "2"}, "2", math.MaxInt},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.Partitions, c.opt.Strategy = 2, "auto"
			d, err := New(c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if d.Scenario.ID != c.scenario || d.records != c.records {
				t.Errorf("scenario %s, %d records; want %s, %d", d.Scenario.ID, d.records, c.scenario, c.records)
			}
		})
	}
}

// An error names the option that is wrong.
func TestAnErrorNamesTheOption(t *testing.T) {
	for option, opt := range map[string]Options{
		"fault":      {Fault: "no-such", Partitions: 2, Strategy: "auto"},
		"scenario":   {Scenario: "no-such", Partitions: 2, Strategy: "auto"},
		"listen":     {Listen: "no-port", Partitions: 2, Strategy: "auto"},
		"partitions": {Strategy: "auto"},
		"strategy":   {Strategy: "no-such", Partitions: 2},
	} {
		_, err := New(opt)
		if bad, ok := errors.AsType[*OptionError](err); !ok || bad.Option != option || !strings.HasPrefix(err.Error(), option+": ") {
			t.Errorf("%s: the error is %v", option, err)
		}
	}
}

// A run in which the fault did nothing cannot pass, and a failure stays one.
func TestARunWithoutItsFaultCannotPass(t *testing.T) {
	f, err := faults.Parse("split-key@5000-6000")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		was  gate.Verdict
		want gate.State
		says []string
	}{
		{gate.Verdict{State: gate.Pass, Reason: "all equal"}, gate.Inconclusive, []string{"the fault never happened"}},
		{gate.Verdict{State: gate.Pass, Slow: true}, gate.Inconclusive, []string{"the fault never happened"}},
		{gate.Verdict{State: gate.Inconclusive, Reason: "too few keys"}, gate.Inconclusive, []string{"the fault never happened", "; too few keys"}},
		{gate.Verdict{State: gate.Fail, Reason: "rows differ"}, gate.Fail, []string{"rows differ"}},
	} {
		v := withoutItsFault(&job.Result{Verdict: c.was}, f)
		if v.State != c.want || v.Code() != c.want.Code() {
			t.Errorf("%+v became %+v, want %s", c.was, v, c.want)
		}
		for _, part := range c.says {
			if !strings.Contains(v.Reason, part) {
				t.Errorf("the reason is %q, without %q", v.Reason, part)
			}
		}
	}
}
