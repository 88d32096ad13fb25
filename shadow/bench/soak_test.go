package bench

import (
	"context"
	"errors"
	"flag"
	"runtime"
	"slices"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/evidence"
	"parallax/shadow/workload"
)

var soakFor = flag.Duration("soak", 0, "how long the soak of all scenarios and of random queries runs; 0 is a fixed number of batches, some seconds")

const (
	soakRecords = 50_000 // of a scenario's input, which is repeated
	soakBatches = 20     // without -soak
	soakSeeds   = 20     // of random scripts, without -soak
	soakLooks   = 10
	// Of the live heap after a collection: the largest of the last half of the looks may be so
	// much more than that of the half before.
	soakGrowth, soakSlack = 1.25, 32 << 20
)

// TestSoakOfScenarios runs V1 and V2 over each scenario with the runner of a live job, and over
// random queries. Nothing may differ, each injected difference must be detected, and the heap
// must stay flat.
func TestSoakOfScenarios(t *testing.T) {
	ids := Scenarios()
	share := *soakFor / time.Duration(len(ids)+1)
	outputs := int64(0)
	for _, id := range ids {
		s, err := lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		n := soakScenario(t, s, share)
		outputs += n
		t.Logf("scenario %s: %d outputs compared, %d in all", id, n, outputs)
	}
	n, seeds := soakRandom(t, share)
	t.Logf("%d random scripts: %d outputs compared, %d in all", seeds, n, outputs+n)
}

// soaking is a feed that ends after a time, or after a number of batches, and looks at the heap.
type soaking struct {
	*feed
	lasts   time.Duration // 0 counts batches
	batches int
	begin   time.Time
	looks   []uint64
}

func (s *soaking) Next(ctx context.Context) (*row.Batch, error) {
	s.batches++
	if s.begin.IsZero() {
		s.begin = time.Now()
	}
	due := s.batches*soakLooks >= soakBatches*(len(s.looks)+1)
	if s.lasts > 0 {
		due = time.Since(s.begin) >= s.lasts/soakLooks*time.Duration(len(s.looks)+1)
	}
	if due && len(s.looks) < soakLooks {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		s.looks = append(s.looks, m.HeapAlloc)
	}
	if len(s.looks) == soakLooks {
		s.feed.lasts = 0
	}
	return s.feed.Next(ctx)
}

func soakScenario(t *testing.T, s *scenario, lasts time.Duration) (outputs int64) {
	t.Helper()
	q, err := newQuery(s.sql)
	if err != nil {
		t.Fatal(err)
	}
	f, err := q.feed(NewInput(s.data, workload.Options{Records: soakRecords, Seed: 7}), MainBatch, 0, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	encoders, err := q.encoders()
	if err != nil {
		t.Fatal(err)
	}
	source := &soaking{feed: f, lasts: lasts}
	job := shadow.Job{
		Source: source, Output: &discard{encoders: encoders, out: &output{}}, Candidate: q.candidate(shadowPartitions),
		RequireLevel: s.level, Config: comparing(),
	}
	job.Config.Candidate.Deadline = 5 * time.Minute // the machine may be busy
	rep, err := q.runShadow(job)
	if err != nil {
		t.Fatalf("scenario %s: %v", s.id, err)
	}
	if err := allCompared(rep, int(f.records)); err != nil {
		t.Errorf("scenario %s: %v", s.id, err)
	}
	checkMutations(t, s.id, rep.Sensitivity)
	before, after := slices.Max(source.looks[:soakLooks/2]), slices.Max(source.looks[soakLooks/2:])
	if limit := uint64(soakGrowth*float64(before)) + soakSlack; after > limit {
		t.Errorf("scenario %s: the live heap grew from %d to %d bytes, more than to %d: %d", s.id, before, after, limit, source.looks)
	}
	for _, o := range rep.Diff.Outputs {
		outputs += o.Rows
	}
	return outputs
}

func checkMutations(t *testing.T, id string, s evidence.Sensitivity) {
	t.Helper()
	injected := int64(0)
	for _, m := range s.Mutations {
		if injected += m.Injected; m.Detected != m.Injected {
			t.Errorf("scenario %s: %s was missed: %s", id, m.Name, m.Missed)
		}
	}
	if injected == 0 {
		t.Errorf("scenario %s: no difference was injected", id)
	}
}

// soakRandom compares V1 and V2 over random scripts.
func soakRandom(t *testing.T, lasts time.Duration) (outputs int64, seeds uint64) {
	t.Helper()
	begin := time.Now()
	for ; lasts == 0 && seeds < soakSeeds || lasts > 0 && time.Since(begin) < lasts; seeds++ {
		for _, g := range processortest.RandomGoldens(seeds) {
			n, err := compareScript(g)
			if err != nil {
				t.Errorf("seed %d: %v\n%s", seeds, err, g.Query)
			}
			outputs += n
		}
	}
	return outputs, seeds
}

// compareScript runs a script with V1 and V2 and returns how many rows were compared. A script
// that is refused has none.
func compareScript(g *processortest.Golden) (outputs int64, err error) {
	p, err := g.Plan()
	if err != nil {
		return 0, nil
	}
	lines, err := processortest.Lines(g.Input)
	if err != nil {
		return 0, err
	}
	batches, err := processortest.ReadBatches(p, lines, 7, true)
	if err != nil {
		return 0, nil
	}
	one, err := processortest.Named("v1").New(p, processors.Options{})
	if err != nil {
		return 0, err
	}
	two, err := processortest.Named("v2:3").New(p, processors.Options{})
	if err != nil {
		return 0, errors.Join(err, one.Close())
	}
	d := diff.New(p.Sinks(), diff.Options{Require: diff.E3})
	for _, b := range batches {
		v1, err := one.Process(context.Background(), b)
		if err != nil {
			return outputs, errors.Join(err, one.Close(), two.Close())
		}
		v2, err := two.Process(context.Background(), b)
		if err != nil {
			return outputs, errors.Join(err, one.Close(), two.Close())
		}
		d.Compare(v1, v2)
		outputs += int64(len(v1.Changes))
	}
	if r := d.Result(); r.Root > 0 {
		err = errors.New("V2 differs: " + r.Signatures[0].Example.V1 + " | " + r.Signatures[0].Example.V2)
	}
	return outputs, errors.Join(err, one.Close(), two.Close())
}
