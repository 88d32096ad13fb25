package demo

import (
	"context"
	"fmt"
	"os"
	"time"

	"parallax/config"
	"parallax/processors/faults"
	"parallax/reports/dashboard"
	"parallax/reports/gate"
	"parallax/shadow/embedded"
	"parallax/shadow/job"
	"parallax/shadow/workload"
)

// Demo is a scenario as a job, and the broker that it runs on.
type Demo struct {
	Scenario *workload.Scenario
	// Fault is what goes wrong in V2; nil for nothing.
	Fault *faults.Fault
	Job   *job.Job
	// Loaded is the job as a job file would have it.
	Loaded *config.Loaded

	opt     Options
	records int
	broker  *embedded.Broker
	// state is the directory of checkpoints, evidence that of the evidence; "" for none.
	state, evidence string
}

// New checks what is to be run, and plans it.
func New(opt Options) (*Demo, error) {
	f, err := opt.fault()
	if err != nil {
		return nil, err
	}
	s, records, err := opt.scenario(f)
	if err != nil {
		return nil, err
	}
	if opt.Listen != "" {
		if err := dashboard.CheckAddress(opt.Listen); err != nil {
			return nil, &OptionError{"listen", err}
		}
	}
	d := &Demo{Scenario: s, Fault: f, opt: opt, records: records}
	if d.Job, err = d.job(); err != nil {
		return nil, err
	}
	return d, nil
}

// Start starts the broker, until Stop.
func (d *Demo) Start() error {
	broker, err := embedded.Start(embedded.Options{Clean: time.Second})
	if err != nil {
		return err
	}
	d.broker, d.Job.Kafka.Brokers, d.Loaded.Job.Kafka.Brokers = broker, broker.Addrs(), broker.Addrs()
	if d.Job.State.Enabled {
		if d.state, err = os.MkdirTemp("", "parallax-demo-state-"); err != nil {
			broker.Stop()
			return err
		}
		d.Job.State.Dir = d.state
	}
	return nil
}

// Stop ends the broker; what it held is gone, and so is the state.
func (d *Demo) Stop() {
	d.broker.Stop()
	for _, dir := range []string{d.state, d.evidence} {
		if dir != "" {
			_ = os.RemoveAll(dir) // a directory of its own, in the system's temporary one
		}
	}
}

// Addrs are the addresses of the broker.
func (d *Demo) Addrs() []string { return d.broker.Addrs() }

// Run runs the job, as Job.Run does, over what Prepare made.
func (d *Demo) Run(ctx context.Context) (*job.Result, error) {
	r, err := d.Job.Run(ctx)
	if r != nil && d.Fault != nil && !d.Fault.Happened() {
		judged := *r // the job keeps its own
		judged.Verdict = withoutItsFault(r, d.Fault)
		return &judged, err
	}
	return r, err
}

// withoutItsFault is the verdict on a run in which the fault did nothing: that no
// difference was found says nothing about whether the fault would be found.
func withoutItsFault(r *job.Result, f *faults.Fault) gate.Verdict {
	never := fmt.Sprintf("the fault never happened: %s did nothing in %s records; its range holds none of them, too few, or none that it acts on: choose another range, more --records or another --scenario",
		f, gate.Thousands(r.Evidence.Ledger.Records()))
	v := r.Verdict
	switch v.State {
	case gate.Pass:
		v.State, v.Slow, v.Reason = gate.Inconclusive, false, never
	case gate.Inconclusive:
		v.Reason = never + "; " + v.Reason
	}
	return v
}
