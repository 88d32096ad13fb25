package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/reports"
	"parallax/reports/dashboard"
	"parallax/reports/gate"
	"parallax/shadow/candidate"
	"parallax/shadow/embedded"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
	"parallax/shadow/produce"
	"parallax/shadow/workload"
)

type demoCommand struct {
	Records    int           `help:"How many records; 0 shows what an empty run is worth." default:"-1"`
	Duration   time.Duration `help:"Make records for as long as this instead, while the job runs." placeholder:"D"`
	Scenario   string        `help:"Scenario: desks, 0, 1, 2, 2c, 3a, 3b, session, hopping, join, distinct or small; a fault brings its own." default:""`
	Partitions int           `help:"V2's partitions." default:"4"`
	Strategy   string        `help:"How V2 routes records to its partitions." default:"auto" placeholder:"NAME"`
	Force      bool          `help:"Take a --strategy that splits the query's state, for an experiment."`
	Fault      string        `help:"Something that goes wrong in V2, for all records or from one to another." placeholder:"NAME[@FROM[-TO]]"`
	Seed       uint64        `help:"Seed of the data." default:"1"`
	Listen     string        `help:"Address for metrics, health and profiles." placeholder:"ADDR"`
	Isolated   bool          `help:"Measure the paths one at a time as well, on the last batches."`
	Keep       bool          `help:"Leave the broker up afterwards, and print a job file for it."`
}

func (demoCommand) Help() string {
	return examples(
		"parallax demo",
		"parallax demo --fault split-key",
		"parallax demo --fault hang@5000 --json",
		"parallax demo --fault slow@1-50000",
		"parallax demo --strategy round_robin --force",
		"parallax demo --records 0",
		"parallax demo --isolated",
	) + "\n\nFaults: " + strings.Join(faults.Names(), ", ") + "."
}

// sourcePartitions is how many topic-partitions the demo's source topic has.
const sourcePartitions = 3

func (c *demoCommand) Run(e *env) error {
	fault, err := c.fault()
	if err != nil {
		return err
	}
	s, records, err := c.scenario(fault)
	if err != nil {
		return err
	}
	if c.Listen != "" {
		if err := dashboard.CheckAddress(c.Listen); err != nil {
			return fmt.Errorf("--listen: %w", err)
		}
	}
	j, err := c.job(e, s, fault)
	if err != nil {
		return err
	}
	broker, err := embedded.Start(embedded.Options{Clean: time.Second})
	if err != nil {
		return err
	}
	defer broker.Stop()
	fmt.Fprintf(e.errs, "embedded broker on %s; scenario %s: %s\n", strings.Join(broker.Addrs(), ", "), s.ID, s.Title)
	if fault != nil {
		fmt.Fprintf(e.errs, "fault in V2: %s\n", c.Fault)
	}
	j.Kafka.Brokers = broker.Addrs()
	if err := c.prepare(e, j, broker, s, records); err != nil {
		return err
	}
	r, err := j.Run(e.ctx)
	if err != nil && r == nil {
		return err
	}
	sum := summary(r)
	if fault != nil && !fault.Happened() {
		*sum = withoutItsFault(*sum, fault)
	}
	sum.Exit = sum.Code
	if err := errors.Join(err, e.print(sum)); err != nil {
		return err
	}
	if c.Keep {
		c.stayUp(e, broker, s)
	}
	if sum.Code != exitPass {
		return exitCode(sum.Code)
	}
	return nil
}

// withoutItsFault is the summary of a run in which the fault did nothing: that no
// difference was found says nothing about whether the fault would be found.
func withoutItsFault(s reports.Summary, f *faults.Fault) reports.Summary {
	never := fmt.Sprintf("the fault never happened: %s did nothing in %s records; its range holds none of them, too few, or none that it acts on: choose another range, more --records or another --scenario",
		f, gate.Thousands(s.Records))
	switch gate.State(s.Verdict) {
	case gate.Pass:
		s.Verdict, s.Code, s.Reason = string(gate.Inconclusive), gate.Inconclusive.Code(), never
	case gate.Inconclusive:
		s.Reason = never + "; " + s.Reason
	}
	return s
}

// fault is the one that was asked for, nil for none.
func (c *demoCommand) fault() (*faults.Fault, error) {
	if c.Fault == "" {
		return nil, nil
	}
	f, err := faults.Parse(c.Fault)
	if err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	return f, nil
}

// scenario chooses the data: a fault that the default cannot show brings its own.
func (c *demoCommand) scenario(f *faults.Fault) (*workload.Scenario, int, error) {
	id, records := c.Scenario, c.Records
	if f != nil {
		if id == "" {
			id = f.Kind.Scenario
		}
		if records < 0 && f.Kind.Records > 0 {
			records = f.Kind.Records
		}
	}
	if id == "" {
		id = workload.Default
	}
	s, err := workload.Lookup(id)
	if err != nil {
		return nil, 0, fmt.Errorf("--scenario: %w", err)
	}
	if c.Duration > 0 {
		if c.Records >= 0 {
			return nil, 0, errors.New("--records and --duration exclude each other")
		}
		records = math.MaxInt
	}
	if records < 0 {
		records = s.Records
	}
	return s, records, nil
}

// job is a scenario as a job, as a job file would have it but for the fault.
func (c *demoCommand) job(e *env, s *workload.Scenario, f *faults.Fault) (*job.Job, error) {
	level, err := diff.ParseLevel(s.Level)
	if err != nil {
		return nil, err
	}
	if c.Partitions < 1 {
		return nil, fmt.Errorf("--partitions: %d is not above zero", c.Partitions)
	}
	cfg := config.Default()
	cfg.Name, cfg.SQL, cfg.Listen = "demo-"+s.ID, s.SQL, c.Listen
	cfg.Kafka.Group, cfg.Kafka.Brokers = "parallax-demo", []string{"localhost"} // which is known when it runs
	cfg.Processors.V2.Partitions = c.Partitions
	cfg.V2.PartitioningStrategy, cfg.V2.ForceStrategy = c.Strategy, c.Force
	cfg.Diff.RequireLevel, cfg.Gate = level, c.policy(s)
	if s.DeadLetters {
		cfg.OnError, cfg.Late = "dlq", "dlq"
	}
	opt := job.Options{
		UntilEnd: true, Flush: true, Isolated: c.Isolated, Program: thisProgram(), Log: e.log, Observer: &watcher{e: e},
	}
	if f != nil {
		opt.BuildV2 = f.New
	}
	if err := c.checkStrategy(s, cfg.Processors.V2); err != nil {
		return nil, err
	}
	l, err := config.Of("scenario "+s.ID, cfg)
	if err != nil {
		return nil, err
	}
	j, err := job.Load(l, opt)
	if err != nil {
		return nil, err
	}
	if f != nil && f.Sheds {
		j.Runner.Candidate = hurried(j.Runner.Candidate, f)
	}
	return j, nil
}

// checkStrategy returns an error where V2 cannot route a scenario's records as the flags say.
func (c *demoCommand) checkStrategy(s *workload.Scenario, v2 processors.Config) error {
	v2, err := routed(v2, c.Strategy, c.Force)
	if err != nil {
		return err
	}
	p, err := plan.Compile(s.SQL, plan.BuildOptions{})
	if err != nil {
		return fmt.Errorf("scenario %s: %w", s.ID, err)
	}
	if _, err := partitions.RoutingOf(p, v2); err != nil {
		return fmt.Errorf("--strategy: %w", err)
	}
	return nil
}

// policy is what a run of a scenario has to show.
func (c *demoCommand) policy(s *workload.Scenario) gate.Policy {
	p := gate.DefaultPolicy()
	p.MinRecords, p.MinKeys, p.MinUnits, p.MaxProbability = 1000, s.MinKeys, s.MinUnits, s.MaxProbability
	p.MinPartitions = min(p.MinPartitions, c.Partitions)
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

// aheadMost is how many records may be made before the job has read them, and
// from how many on they are made while it runs: the broker keeps what is made in
// memory.
const aheadMost = 500_000

// keepBytes is what the topics of a demo that makes records while it runs keep of
// each partition: several times what is ahead of the job.
const keepBytes = 24 << 20

// prepare makes the topics, and the records: all before the job starts, so that
// two runs see the same, or, where that would be too many, while it runs.
func (c *demoCommand) prepare(e *env, j *job.Job, b *embedded.Broker, s *workload.Scenario, records int) error {
	var keep embedded.Retention
	if records > aheadMost {
		keep.Bytes = keepBytes
	}
	for _, topic := range append(slices.Clone(s.Topics), outputTopics(j.Plan)...) {
		if err := b.CreateTopic(e.ctx, topic, sourcePartitions, keep); err != nil {
			return err
		}
	}
	if records > aheadMost {
		j.Task.UntilEnd = false
		j.Feed = func(ctx context.Context, task *kafka.Task) error {
			if c.Duration > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.Duration)
				defer cancel()
			}
			p := newProgress(e.errs, "produced", c.total(records))
			defer p.done()
			return c.produce(ctx, b, s, records, func(n int64) {
				p.at(n)
				for n-task.Stats().Records > aheadMost/5 && ctx.Err() == nil {
					time.Sleep(time.Millisecond) // the job is behind: let it catch up
				}
			})
		}
		return nil
	}
	p := newProgress(e.errs, "produced", int64(records))
	defer p.done()
	return c.produce(e.ctx, b, s, records, p.at)
}

// outputTopics are the topics that a plan's queries write to.
func outputTopics(p *plan.Plan) (topics []string) {
	for _, s := range job.Sinks(p) {
		topics = append(topics, s.Topic)
	}
	return topics
}

// total is what progress is measured by; 0 where only time ends it.
func (c *demoCommand) total(records int) int64 {
	if c.Duration > 0 {
		return 0
	}
	return int64(records)
}

func (c *demoCommand) produce(ctx context.Context, b *embedded.Broker, s *workload.Scenario, records int, done func(int64)) error {
	producer, err := produce.NewProducer(b.Addrs())
	if err != nil {
		return err
	}
	defer producer.Close()
	g := s.Generate(workload.Options{Records: records, Seed: c.Seed, Partitions: sourcePartitions})
	if _, err := producer.Produce(ctx, g, done); err != nil && ctx.Err() == nil {
		return fmt.Errorf("produce the demo's data: %w", err)
	}
	return nil
}

// stayUp keeps the broker up until Ctrl-C.
func (c *demoCommand) stayUp(e *env, b *embedded.Broker, s *workload.Scenario) {
	p := c.policy(s)
	fmt.Fprintf(e.text(), `
# The broker stays up until Ctrl-C. A job file for it:
job: demo-%s
kafka: {brokers: [%q], group: my-first-job}
sql: |
  %s
processors: {v1: "v1", v2: "v2:%d"}
%sgate: {min_records: 1000, min_keys: %d, min_units: %d, min_partitions: %d, max_late: %v, max_probability: %v, min_event_time: 0s}
# parallax run job.yaml --until-end --flush --from-start --append
`, s.ID, b.Addrs()[0], strings.ReplaceAll(strings.TrimSpace(s.SQL), "\n", "\n  "), c.Partitions, deadLetterKeys(s), p.MinKeys, p.MinUnits, p.MinPartitions, p.MaxLate, p.MaxProbability)
	<-e.ctx.Done()
}

// deadLetterKeys are the lines of a job file about the dead letters of a scenario.
func deadLetterKeys(s *workload.Scenario) string {
	if !s.DeadLetters {
		return ""
	}
	return "on_error: dlq\nlate: dlq\n"
}
