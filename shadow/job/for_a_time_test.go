package job_test

import (
	"context"
	"testing"
	"time"

	"parallax/config"
	"parallax/processors/faults"
	"parallax/reports/gate"
	"parallax/shadow/candidate"
	"parallax/shadow/job"
)

// runForATime runs a job until it has booked a number of records, as `run --for` stops it.
func (in *instalments) runForATime(name string, records int64, change func(*config.Job, *job.Options)) *job.Result {
	in.t.Helper()
	cfg := config.Default()
	opt := job.Options{Bounded: true}
	in.fill(&cfg, name, 3)
	in.stores(&cfg, &opt)
	cfg.Gate.MinRecords, cfg.Gate.MinKeys, cfg.Gate.MinUnits, cfg.Gate.MaxProbability, cfg.Gate.MinEventTime = 1, 1, 1, 0.5, "0s"
	cfg.V2.OnOverload = candidate.Block // a busy machine is no hole
	if change != nil {
		change(&cfg, &opt)
	}
	l, err := config.Of("the test", cfg)
	if err != nil {
		in.t.Fatal(err)
	}
	j, err := job.Load(l, opt)
	if err != nil {
		in.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(in.t.Context())
	defer stop()
	go func() {
		for ctx.Err() == nil {
			if r := j.Report(); r != nil && r.Evidence.Ledger.Records() >= records {
				stop()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	r, err := j.Run(ctx)
	if err != nil {
		in.t.Fatal(err)
	}
	return r
}

// TestARunForATimeCountsRetriesAsTheGateDoes: as one to the end of the input does.
func TestARunForATimeCountsRetriesAsTheGateDoes(t *testing.T) {
	in := newInstalments(t)
	for retries := range 3 {
		in.produce(200)
		r := in.runForATime("again", 200, func(cfg *config.Job, opt *job.Options) {
			cfg.State.Enabled = false // so that each start begins a run
			opt.FromStart, opt.Append = true, true
			cfg.Gate.MinRecords = 1_000_000
		})
		want := 1 - 0.05/float64(retries+1)
		if got := r.Verdict.Confidence; got < want-1e-9 || got > want+1e-9 {
			t.Errorf("after %d runs without a pass the confidence is %v, want %v: %s", retries, got, want, r.Verdict.Reason)
		}
	}
}

// TestARunForATimeIsJudgedAsTheGateDoes, on the clean stretch, which may be of several processes. But
// it is never judged on less than what it has compared itself.
func TestARunForATimeIsJudgedAsTheGateDoes(t *testing.T) {
	faulty := func(name string) func(*config.Job, *job.Options) {
		fault, err := faults.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		return func(_ *config.Job, opt *job.Options) { opt.BuildV2 = fault.New }
	}
	notStored := func(_ *config.Job, opt *job.Options) { opt.StoreEvidence = false }
	for name, c := range map[string]struct {
		parts   [3]func(*config.Job, *job.Options)
		want    gate.State
		records int64
	}{
		"all-equal":            {[3]func(*config.Job, *job.Options){}, gate.Pass, 900},
		"divergence-before":    {[3]func(*config.Job, *job.Options){1: faulty("impossible-value")}, gate.Fail, 900},
		"a-hole-before":        {[3]func(*config.Job, *job.Options){1: notStored}, gate.Pass, 300},
		"v2-fails-in-this-one": {[3]func(*config.Job, *job.Options){2: faulty("panic")}, gate.Fail, 300},
	} {
		in := newInstalmentsOf(t, "2c")
		var last *job.Result
		for _, change := range c.parts {
			in.produce(300)
			last = in.runForATime(name, 300, change)
		}
		if last.Verdict.State != c.want || last.Evidence.Ledger.Records() != c.records {
			t.Errorf("%s: %s: %s; %d records; want %s, %d", name, last.Verdict.State, last.Verdict.Reason, last.Evidence.Ledger.Records(), c.want, c.records)
		}
	}
}
