package job_test

import (
	"path/filepath"
	"testing"

	"parallax/config"
	"parallax/processors/faults"
	"parallax/reports/store"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// TestTheLargestSampleIsThatOfAllProcesses: a V2 that is wrong in each of three processes leaves, for
// each signature with numbers, the largest of all their samples.
func TestTheLargestSampleIsThatOfAllProcesses(t *testing.T) {
	in := newInstalments(t)
	fault, err := faults.Parse("impossible-value")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		in.produce(300 + 100*i)
		_, err := in.run("off", 3, i == 2, func(cfg *config.Job, opt *job.Options) {
			in.stores(cfg, opt)
			opt.BuildV2 = fault.New
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := store.OpenReader(filepath.Join(in.dir, "evidence"), "off")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	most, processes := map[string]float64{}, map[string]bool{}
	err = r.Spans(store.Query{}, func(s *evidence.Span) error {
		for _, d := range s.Divergences {
			if l := d.Samples.Largest; l != nil {
				most[d.Signature] = max(most[d.Signature], l.Amount)
				processes[s.Incarnation] = true
			}
		}
		return nil
	})
	if err != nil || len(most) == 0 || len(processes) != 3 {
		t.Fatalf("%d signatures of %d processes have a largest sample: %v", len(most), len(processes), err)
	}
	s, _ := in.stretch("off") // which holds the schema against what is stored
	for _, g := range s.Diff.Signatures {
		if want := most[g.ID]; want > 0 && (g.Largest == nil || g.Largest.Amount != want) {
			t.Errorf("%s: the largest is %+v, want one off by %v", g.ID, g.Largest, want)
		}
	}
}
