package job_test

import (
	"slices"
	"strings"
	"testing"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/reports/gate"
	"parallax/shadow/job"
)

// TestARightV2HasV1sStateAtEachCheckpoint runs V2 with several numbers of partitions, over
// scenarios with each kind of state.
func TestARightV2HasV1sStateAtEachCheckpoint(t *testing.T) {
	for _, id := range []string{"desks", "session", "3b", "late", "1", "join", "hopping", "distinct", "limit", "having"} {
		t.Run(id, func(t *testing.T) {
			in := newInstalmentsOf(t, id)
			for i, partitions := range []int{1, 2, 3, 7} {
				in.produce(600 + i)
				r, err := in.run("right", partitions, false, everyCommit)
				if err != nil {
					t.Fatal(err)
				}
				s := r.Evidence.States
				if s.Equal == 0 || s.Differing != 0 || r.Evidence.Diff.Root != 0 {
					t.Errorf("%d partitions: states compared: %+v, %d roots", partitions, s, r.Evidence.Diff.Root)
				}
			}
		})
	}
}

// everyCommit stores the state at each commit, which is after each batch.
func everyCommit(c *config.Job, _ *job.Options) {
	c.State.Interval = 1
	c.Commit.MaxRecords = 1
}

// withFault runs a V2 with a fault.
func withFault(t *testing.T, text string, change func(*config.Job, *job.Options)) func(*config.Job, *job.Options) {
	return func(c *config.Job, o *job.Options) {
		if change != nil {
			change(c, o)
		}
		f, err := faults.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		o.BuildV2 = func(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
			return f.New(cfg, p, opt)
		}
	}
}

// TestOnlyTheSampledKeysAreCompared: V2 has the state of half of the keys.
func TestOnlyTheSampledKeysAreCompared(t *testing.T) {
	in := newInstalmentsOf(t, "3b")
	in.produce(1_000)
	half := func(c *config.Job, _ *job.Options) { c.Split.Percent = 50 }
	r, err := in.run("half", 2, false, half)
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Evidence.States; s.Equal != 1 || s.Differing+s.NotCompared != 0 {
		t.Errorf("states compared: %+v", s)
	}
	in.produce(1_000)
	r, err = in.run("half", 2, false, withFault(t, "state-reset", nil)) // all keys: the fault takes no sample
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Evidence.States; s.Differing != 1 {
		t.Errorf("states compared: %+v", s)
	}
}

func TestAJobWithoutCheckpointsSaysWhyNoStatesAreCompared(t *testing.T) {
	in := newInstalmentsOf(t, "3b")
	in.produce(300)
	r, err := in.run("off", 2, true, func(c *config.Job, _ *job.Options) { c.State.Enabled = false })
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Evidence.States; s.Equal+s.Differing+s.NotCompared != 0 || !strings.Contains(s.Why, "state is off") {
		t.Errorf("states compared: %+v", s)
	}
}

// TestAFaultInTheStateIsFoundAtACheckpoint: it is a root of class state, with the keys and what
// both sides have of them. It is found at a clean stop, and at a checkpoint before.
func TestAFaultInTheStateIsFoundAtACheckpoint(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if !k.InState {
			continue
		}
		for name, change := range map[string]func(*config.Job, *job.Options){"at the clean stop": nil, "before": everyCommit} {
			t.Run(k.Name+" "+name, func(t *testing.T) {
				in := newInstalmentsOf(t, k.Scenario)
				in.produce(4_000)
				r, err := in.run("wrong", 3, false, withFault(t, k.Name, change))
				if err != nil {
					t.Fatal(err)
				}
				e := r.Evidence
				if e.States.Differing == 0 || e.Diff.ByClass[diff.StateClass] == 0 || r.Verdict.State != gate.Fail {
					t.Fatalf("states compared: %+v, classes %v, verdict %s", e.States, e.Diff.ByClass, r.Verdict.State)
				}
				at := slices.IndexFunc(e.Diff.Signatures, func(s diff.Signature) bool { return s.Class == diff.StateClass })
				s := e.Diff.Signatures[at]
				d := s.Example.State
				if s.Roots == 0 || d == nil || len(d.Keys) == 0 || len(d.Keys) > 10 || d.Entries == 0 || d.Position == 0 || name == "at the clean stop" && d.Position != 4_000 {
					t.Fatalf("the signature is %+v, with %+v", s, d)
				}
				for _, key := range d.Keys {
					if key.Key == "" || key.V1 == key.V2 || key.V1 == "" || key.V2 == "" {
						t.Errorf("a key is %+v", key)
					}
				}
			})
		}
	}
}
