package demo

import (
	"fmt"
	"os"
	"strings"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/route"
	"parallax/reports/gate"
	"parallax/shadow/candidate"
	"parallax/shadow/job"
)

// job is the scenario as a job, as a job file would have it but for the fault.
func (d *Demo) job() (*job.Job, error) {
	s, f := d.Scenario, d.Fault
	level, err := diff.ParseLevel(s.Level)
	if err != nil {
		return nil, err
	}
	if n := d.opt.Partitions; n < 1 {
		return nil, &OptionError{"partitions", fmt.Errorf("%d: must be greater than 0", n)}
	}
	cfg := config.Default()
	cfg.Name, cfg.SQL, cfg.Listen = "demo-"+s.ID, s.SQL, d.opt.Listen
	inState := f != nil && f.InState
	cfg.State.Enabled = inState                                                 // other runs are flushed, and the broker ends with them
	cfg.Kafka.Group, cfg.Kafka.Brokers = "parallax-demo", []string{"localhost"} // which is known when it runs
	cfg.Processors.V2.Partitions = d.opt.Partitions
	cfg.V2.PartitioningStrategy, cfg.V2.ForceStrategy = d.opt.Strategy, d.opt.Force
	cfg.Diff.RequireLevel, cfg.Gate = level, d.policy()
	if s.DeadLetters {
		cfg.OnError, cfg.Late = "dlq", "dlq"
	}
	opt := job.Options{
		UntilEnd: true, Flush: !inState, Isolated: d.opt.Isolated, Program: d.opt.Program, Log: d.opt.Log, Observer: d.opt.Observer,
	}
	if f != nil {
		opt.BuildV2 = f.New
	}
	if err := d.checkStrategy(cfg.Processors.V2); err != nil {
		return nil, err
	}
	if d.opt.Listen != "" { // the page shows what is stored
		if d.evidence, err = os.MkdirTemp("", "parallax-demo-evidence-"); err != nil {
			return nil, err
		}
		cfg.Evidence.Dir, opt.StoreEvidence = d.evidence, true
	}
	l, err := config.Of("scenario "+s.ID, cfg)
	if err != nil {
		return nil, err
	}
	d.Loaded = l
	j, err := job.Load(l, opt)
	if err != nil {
		return nil, err
	}
	if f != nil && f.Sheds {
		j.Runner.Candidate = hurried(j.Runner.Candidate, f)
	}
	return j, nil
}

// checkStrategy returns an error where V2 cannot route the scenario's records as the
// options say.
func (d *Demo) checkStrategy(v2 processors.Config) error {
	var err error
	if v2.Strategy, err = route.ParseStrategy(d.opt.Strategy); err != nil {
		return &OptionError{"strategy", err}
	}
	v2.ForceStrategy = d.opt.Force
	p, err := plan.Compile(d.Scenario.SQL, plan.BuildOptions{})
	if err != nil {
		return fmt.Errorf("scenario %s: %w", d.Scenario.ID, err)
	}
	if _, err := partitions.RoutingOf(p, v2); err != nil {
		return &OptionError{"strategy", err}
	}
	return nil
}

// policy is what a run of the scenario has to show.
func (d *Demo) policy() gate.Policy {
	s, p := d.Scenario, gate.DefaultPolicy()
	p.MinRecords, p.MinKeys, p.MinUnits, p.MaxProbability = 1000, s.MinKeys, s.MinUnits, s.MaxProbability
	p.MinPartitions = min(p.MinPartitions, d.opt.Partitions)
	if s.Unsplittable {
		p.MinPartitions = 1
	}
	if s.MaxLate > 0 {
		p.MaxLate = s.MaxLate
	}
	p.MinEventTime = "0s" // the demo's end flushes every window
	return p
}

// hurried makes a runner give V2 up, and bring it back, soon enough for a demo of
// a second. The broker is in the same heap, so V2's budget must leave room for it; and
// on the same CPUs, so that how many are left says nothing of V2.
func hurried(c candidate.Config, f *faults.Fault) candidate.Config {
	c.OnOverload, c.Memory, c.SpareCPU = candidate.Shed, 160<<20, 0
	if !f.Hoards { // the heap is known a collection later
		c.ShedAfter = 100 * time.Millisecond
	}
	c.ReseedAfter, c.ReseedMax = 50*time.Millisecond, time.Second
	return c
}

// JobFile is a job file that runs the scenario, without its fault, on the broker.
func (d *Demo) JobFile() string {
	s, p := d.Scenario, d.policy()
	return fmt.Sprintf(`job: demo-%s
kafka: {brokers: [%q], group: my-first-job}
sql: |
  %s
processors: {v1: "v1", v2: "v2:%d"}
%sgate: {min_records: 1000, min_keys: %d, min_units: %d, min_partitions: %d, max_late: %v, max_probability: %v, min_event_time: 0s}
`, s.ID, d.Addrs()[0], strings.ReplaceAll(strings.TrimSpace(s.SQL), "\n", "\n  "), d.opt.Partitions, d.deadLetterKeys(), p.MinKeys, p.MinUnits, p.MinPartitions, p.MaxLate, p.MaxProbability)
}

// deadLetterKeys are the lines of a job file about the dead letters of the scenario.
func (d *Demo) deadLetterKeys() string {
	if !d.Scenario.DeadLetters {
		return ""
	}
	return "on_error: dlq\nlate: dlq\n"
}
