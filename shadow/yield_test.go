package shadow_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/host"
	"parallax/shadow/metrics"
)

// saturating is a source that never waits until a moment, and has time from then
// on.
type saturating struct {
	*input
	until time.Time
}

func (s *saturating) Waited() time.Duration { return max(0, time.Since(s.until)) }

// oneCPU is a process that has one CPU, uses all of it until a moment, and half of
// it from then on.
func oneCPU(until time.Time) func() host.CPUReading {
	begin := time.Now()
	return func() host.CPUReading {
		used := time.Since(begin)
		if after := time.Since(until); after > 0 {
			used -= after / 2
		}
		return host.CPUReading{Used: used, CPUs: 1}
	}
}

// crowded is a job whose V2 keeps up, on one CPU that V1 could use by itself for
// so long.
func crowded(batches int, long time.Duration) (shadow.Job, *saturating) {
	p, in := trades(batches)
	j, _ := stateJob(p, in, config(), 3, nil)
	until := time.Now().Add(long)
	s := &saturating{in, until}
	j.Source, j.CPU = s, oneCPU(until)
	return j, s
}

func TestV2IsShedWhereASaturatedV1LeavesNoCPUAndComesBackWhenThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := crowded(120, 6*time.Second)
		m := metrics.New()
		j.Metrics = m
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 6000)
		if rep.Reseeds != 1 || len(rep.Holes) != 1 || rep.Ledger.V2Error+rep.Ledger.NotComparable != 0 {
			t.Fatalf("%d reseeds, holes %+v, ledger %+v", rep.Reseeds, rep.Holes, rep.Ledger)
		}
		// A batch comes every 100 ms, and what is measured is known a little later.
		h := rep.Holes[0]
		if !h.Shed || h.Records != rep.Ledger.Shed || h.From < 8 || h.From > 15 || h.To < 65 || h.To > 75 {
			t.Errorf("hole %+v, ledger %+v", h, rep.Ledger)
		}
		for _, want := range []string{"V1 is saturated and no CPU is left for V2", "0.00 of 1 CPUs", "on_overload: block"} {
			if !strings.Contains(rep.Detached, want) || h.Reason != rep.Detached {
				t.Errorf("%q does not say %q", rep.Detached, want)
			}
		}
		if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("held %s, %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
		}
		p, again := trades(120)
		sameAsAlone(t, j.Output, p, again)
		hasMetrics(t, m, "parallax_v2_reseeds_total 1", "parallax_v2_detached 0")
	})
}

// However long it takes to give it its state: here longer than shed_after.
func TestAV1ThatIsAlwaysSaturatedIsComparedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := crowded(200, time.Hour)
		j.Config.Candidate.ReseedMax = 5 * time.Second
		made := j.Candidate
		j.Candidate = func() (processors.Processor, error) {
			<-time.After(3 * time.Second)
			return made()
		}
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 10000)
		if rep.HoleCount < 3 || rep.Reseeds < 2 || rep.Diff.Root != 0 {
			t.Fatalf("%d reseeds, holes %+v, %+v", rep.Reseeds, rep.Holes, rep.Diff.ByClass)
		}
		for _, h := range rep.Holes[:rep.HoleCount-1] {
			if h.Batches < 50 || !strings.Contains(h.Reason, "no CPU is left") {
				t.Errorf("hole %+v", h)
			}
		}
	})
}

func TestV2StaysWhereNothingIsToBeSpared(t *testing.T) {
	for name, set := range map[string]func(*shadow.Job, *saturating){
		"block":         func(j *shadow.Job, _ *saturating) { j.Config.Candidate.OnOverload = candidate.Block },
		"without bound": func(j *shadow.Job, _ *saturating) { j.Config.Candidate.SpareCPU = 0 },
		"unknown input": func(j *shadow.Job, s *saturating) { j.Source = s.input },
		"two CPUs": func(j *shadow.Job, _ *saturating) {
			one := j.CPU
			j.CPU = func() host.CPUReading { r := one(); r.CPUs = 2; return r }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, s := crowded(60, time.Hour)
				set(&j, s)
				rep, err := run(t, t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				closed(t, rep.Ledger, 3000)
				if rep.Detached != "" || rep.Ledger.Shed != 0 {
					t.Errorf("%s: %+v", rep.Detached, rep.Ledger)
				}
			})
		})
	}
}

func TestAV2OfSomeKeysIsShedAsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(100)
		j := sampledJob(t, p, in, nil)
		until := time.Now().Add(4 * time.Second)
		j.Source, j.CPU = &saturating{in, until}, oneCPU(until)
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 5000)
		l := rep.Ledger
		if rep.Reseeds != 1 || l.Shed == 0 || l.SampledOut == 0 || l.Compared == 0 || rep.Diff.Root != 0 {
			t.Errorf("%d reseeds, ledger %+v, %+v", rep.Reseeds, l, rep.Diff.ByClass)
		}
	})
}
