package explain

import (
	"slices"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/workload"
)

// faulty is a subject whose V2 has a fault, with records of the fault's scenario.
func faulty(t *testing.T, k faults.Kind, most int) (*Subject, []row.Record) {
	t.Helper()
	id := k.Scenario
	if id == "" {
		id = workload.Default
	}
	scenario, err := workload.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(scenario.SQL, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{
		Job: "demo-" + id, Plan: p, Script: scenario.SQL, Fault: k.Name, Batch: 1000, Require: diff.E1, MaxFuture: time.Hour,
		Options: processors.Options{ErrorsToDeadLetter: scenario.DeadLetters, LateToDeadLetter: scenario.DeadLetters},
		V2:      processors.Config{Architecture: processors.ArchitectureV2, Partitions: 4},
		NewV2: func() BuildV2 {
			f, err := faults.Parse(k.Name)
			if err != nil {
				t.Error(err)
			}
			return f.New
		},
	}
	n := scenario.Records
	if k.Records > 0 {
		n = k.Records
	}
	n = min(n, most)
	every := 1
	if k.Name == "early-close" { // it takes event time, not records
		every, n = 97, 97*n
	}
	var records []row.Record
	g := scenario.Generate(workload.Options{Records: n, Seed: 1, Partitions: 3})
	for i := 0; ; i++ {
		r, ok := g.Next()
		if !ok {
			return s, records
		}
		if i%every == 0 {
			records = append(records, r)
		}
	}
}

// needsVolume are the faults whose reproduction has more than ten records, with why.
var needsVolume = map[string]string{
	"limit-split": "LIMIT is 100 rows, so there must be 101",
	"interleave":  "V2 routes the records of a query without state in runs of 64, so it takes 65 for two partitions to have some",
}

// showsInNoReplay are the faults that no replay of records shows, with why.
var showsInNoReplay = map[string]string{
	"hang":   "a replay shows it and each try takes V2's deadline, so it is not reduced",
	"slow":   "it is a speed",
	"memory": "it is an amount of memory",
	"echo":   "V2's rows are V1's: it shows in V2's counts of its work only",
}

// TestEachFaultHasASmallReproduction explains every fault of the catalogue.
func TestEachFaultHasASmallReproduction(t *testing.T) {
	const most = 4_000
	for _, k := range faults.Catalogue() {
		if showsInNoReplay[k.Name] != "" {
			continue
		}
		if testing.Short() && (needsVolume[k.Name] != "" || k.InState) {
			continue // those that take longest
		}
		t.Run(k.Name, func(t *testing.T) {
			s, records := faulty(t, k, most)
			began := time.Now()
			x, err := Explain(t.Context(), s, records, Options{Target: Target{Class: diff.Class(k.Classes[0])}})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v: shown %v, %s in %q, %d of %d records, %d tries, batch %d: %s %s %v", time.Since(began), x.Shown, x.Signature.Class, x.Signature.Topic, x.Records, x.Read, x.Tries, x.Batch, x.Conclusion, x.Opinion, x.More)
			if x.Stage != nil {
				t.Log(x.Stage.Text(), x.Stage.Differs)
			}
			for _, r := range x.records {
				t.Logf("%s", lines(s.Plan, []row.Record{r}))
			}
			if !x.Shown {
				t.Fatalf("the replay does not show it: %v", x.Why)
			}
			if needsVolume[k.Name] == "" && x.Records > 10 {
				t.Errorf("%d records are left", x.Records)
			}
			if !slices.Contains(k.Classes, string(x.Signature.Class)) {
				t.Errorf("it shows as %s", x.Signature.Class)
			}
		})
	}
}
