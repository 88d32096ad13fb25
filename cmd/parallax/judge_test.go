package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/route"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
)

var (
	reportFrom = flag.Int("report-from", -1, "print what becomes of each of the judge's jobs, from this one on; for hack/mutate")
	reportMost = flag.Int("report-most", 3, "with -report-from: stop when so many jobs have noticed something")
)

// TestJudgeJobs runs each job of the set through runner, comparison and gate: a V2
// that is right has the verdict that the job is made for. hack/mutate runs it again for
// each mutation of V2, and wants at least one of the jobs to notice.
func TestJudgeJobs(t *testing.T) {
	noticed := 0
	for i, c := range judgeJobs {
		if i < *reportFrom || *reportFrom >= 0 && noticed == *reportMost {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			report(i, "begin", c.name)
			synctest.Test(t, func(t *testing.T) {
				wrong := c.misjudged(t)
				if wrong == "" {
					report(i, "pass", c.name)
					return
				}
				noticed++
				report(i, "notice", c.name+": "+wrong)
				t.Error(wrong)
			})
		})
	}
}

// report prints a line that hack/mutate reads, also where the process dies after it.
func report(job int, what, detail string) {
	if *reportFrom >= 0 {
		fmt.Printf("judge %d %s %s\n", job, what, detail)
	}
}

// misjudged runs the job and says what is not as it has to be with a V2 that is
// right; "" if all is.
func (c *judgeJob) misjudged(t *testing.T) string {
	s := c.judge(t)
	// A job whose V2 was shed cannot pass, but what was compared has to be equal.
	want := gate.Pass
	if c.isShed {
		want = gate.Inconclusive
	}
	switch {
	case s.Verdict != string(want):
		return fmt.Sprintf("%s: %s; want %s", s.Verdict, s.Reason, want)
	case c.isShed && (s.V2.Reseeds != 1 || s.Ledger.Shed == 0 || s.Ledger.Shed > s.Records/2):
		return fmt.Sprintf("V2 came back %d times, %d of %d records were shed", s.V2.Reseeds, s.Ledger.Shed, s.Records)
	case s.V2.Rescales != int64(len(c.partitions)):
		return fmt.Sprintf("V2 was rescaled %d times, want %d", s.V2.Rescales, len(c.partitions))
	}
	return ""
}

// pacedSource gives a batch after each pause.
type pacedSource struct {
	batches []*row.Batch
	pause   time.Duration // 0 lets several batches be in flight
}

func (s *pacedSource) Next(ctx context.Context) (*row.Batch, error) {
	if len(s.batches) == 0 {
		return nil, io.EOF
	}
	if s.pause > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(s.pause):
		}
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	return b, nil
}

// noOutput takes what V1 makes and keeps none of it.
type noOutput struct{}

func (noOutput) Emit(context.Context, *row.Batch, []row.Change, []row.DeadLetter) error { return nil }

func (noOutput) Commit(context.Context) error { return nil }

// slowV2 takes a second for each batch.
type slowV2 struct{ *partitions.V2 }

func (v slowV2) Next(ctx context.Context) (*row.Outcome, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Second):
		return v.V2.Next(ctx)
	}
}

// judge runs the job and returns what the program would say of it.
func (c *judgeJob) judge(t *testing.T) reports.Summary {
	t.Helper()
	p, err := plan.Compile(c.script, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	batches, err := processortest.ReadBatches(p, c.lines(), c.batch, true)
	if err != nil {
		t.Fatal(err)
	}
	v2, err := processors.ParseConfig(c.v2)
	if err != nil {
		t.Fatal(err)
	}
	v2.Strategy = route.Strategy(c.strategy)
	require := cmp.Or(c.require, diff.E1)
	j := &job.Job{Name: c.name, Plan: p, Require: require, Policy: c.policy(), Runner: shadow.Config{Candidate: candidate.Default(), Commit: shadow.DefaultCommit()}}
	j.Runner.Candidate.SpareCPU = 0 // time is not the machine's here
	if !c.isShed {
		j.Runner.Candidate.OnOverload = candidate.Block
	}
	if c.percent > 0 {
		if j.Sample, err = partitions.NewSampler(p, c.percent); err != nil {
			t.Fatal(err)
		}
	}
	isFirst := true
	j.Candidates(v2, func(v2 processors.Config) (processors.Processor, error) {
		if c.percent > 0 {
			return partitions.NewSampled(v2, p, c.opt, c.percent)
		}
		made, err := partitions.New(p, v2, c.opt, partitions.Hooks{})
		if err == nil && c.isShed && isFirst {
			isFirst = false
			return slowV2{made}, nil
		}
		return made, err
	})
	pause := time.Duration(0)
	if c.isShed || len(c.partitions) > 0 {
		pause = 100 * time.Millisecond // V2 changes in the middle
	}
	r, err := shadow.New(shadow.Job{
		Sinks: p.Sinks(), Source: &pacedSource{batches, pause}, Output: noOutput{}, Config: j.Runner,
		Control:      func() (processors.Processor, error) { return pipeline.New(p, c.opt) },
		Candidate:    j.Candidate,
		RequireLevel: j.Require, Sample: j.Sample,
	})
	if err != nil {
		t.Fatal(err)
	}
	go c.rescale(t.Context(), j, r)
	rep, err := r.Run(t.Context())
	result := j.Judge(rep, kafka.Stats{}, err)
	return *summary(&result)
}

// rescale rescales V2 in turn, in the middle of the run.
func (c *judgeJob) rescale(ctx context.Context, j *job.Job, r *shadow.Runner) {
	for _, n := range c.partitions {
		time.Sleep(1250 * time.Millisecond) // of fake time
		if err := r.Rescale(ctx, func() (processors.Processor, error) { return j.Resized(n) }, func(int64) {}); err != nil {
			return // misjudged counts
		}
	}
}

// policy is the program's, but for the volume that a run of seconds has.
func (c *judgeJob) policy() gate.Policy {
	p := gate.DefaultPolicy()
	p.MinRecords, p.MinKeys, p.MinUnits, p.MaxProbability, p.MinEventTime = 100, 1, 1, 1, "0s"
	if c.isWhole {
		p.MinPartitions = 1
	}
	return p
}

// TestJudgeJobsAreOfAllKinds holds the set to what it has to cover.
func TestJudgeJobsAreOfAllKinds(t *testing.T) {
	var all strings.Builder
	for _, c := range judgeJobs {
		all.WriteString(c.script)
	}
	for _, word := range []string{"TUMBLING", "HOPPING", "SESSION", "JOIN", "OVER (", "EMIT FINAL", "emit_scope", "HAVING", "PARTITION BY"} {
		if !strings.Contains(all.String(), word) {
			t.Errorf("no job has %s", word)
		}
	}
}
