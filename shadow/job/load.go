package job

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/reports/dashboard"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
	"parallax/shadow/redaction"
)

// Options say how a job is run this time.
type Options struct {
	// UntilEnd stops at the end of the input as it is when the job begins; Flush ends the
	// windows that are open then.
	UntilEnd, Flush bool
	// Bounded: the run stops after a time, and its end is judged.
	Bounded bool
	// FromStart forgets the group's offsets, Append adds to what is in the output topics.
	FromStart, Append bool
	// Isolated measures the paths one at a time as well, after a bounded run.
	Isolated bool
	// StoreEvidence stores evidence where the job file says so.
	StoreEvidence bool
	// SpanPeriod is how long a span of evidence is; 0 is shadow.DefaultSpanPeriod.
	SpanPeriod time.Duration
	// LogDivergences logs the first divergence of each signature when it is found;
	// StatusEvery is how often a live run logs how it is, 0 for never.
	LogDivergences bool
	StatusEvery    time.Duration
	// Accepted are the differences that are intended.
	Accepted []gate.Acceptance
	// AwaitBrokers waits for brokers that are away when the job starts for the first time, as for
	// brokers that are lost later. Without it the job ends, as the addresses may be wrong.
	AwaitBrokers bool
	// BuildV2 builds the candidate, where it is not the one that the job names.
	BuildV2  BuildV2
	Program  evidence.Program
	Log      *slog.Logger
	Observer Observer
}

// BuildV2 builds a candidate for a plan.
type BuildV2 func(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error)

// Load makes a job of a job file.
func Load(l *config.Loaded, o Options) (*Job, error) {
	cfg := &l.Job
	p, script, err := compile(l)
	if err != nil {
		return nil, err
	}
	if o.UntilEnd && !o.Flush && !cfg.State.Enabled && isStateful(p) {
		return nil, fmt.Errorf("%s: --until-end would discard the open windows and groups of job %s, because state is off: use --flush to emit them, or remove state: off so that the next run continues them", l.Path, cfg.Name)
	}
	runner := cfg.V2.Config
	if _, said := l.Origin["v2.on_overload"]; !said && o.UntilEnd {
		runner.OnOverload = candidate.Block // a bounded run compares every record
	}
	runner.Isolated = (runner.Isolated || o.Isolated) && o.UntilEnd
	j := &Job{
		Name: cfg.Name, Plan: p, Kafka: cfg.Kafka, Require: cfg.Diff.RequireLevel, Rules: cfg.Diff.Rules, Policy: cfg.Gate, Listen: cfg.Listen,
		Accepted: o.Accepted, Redact: cfg.Evidence.Redact,
		Task: kafka.Options{
			Job: cfg.Name, UntilEnd: o.UntilEnd, Flush: o.Flush, FromStart: o.FromStart, Append: o.Append,
			Stateful: isStateful(p), NoOutput: !cfg.Emit,
		},
		Runner: shadow.Config{Control: cfg.V1, Candidate: runner, Commit: cfg.Commit},
		State:  cfg.State, Parts: append(p.Parts(), settings(cfg)...), Script: script.Text,
		LogDivergences: o.LogDivergences, StatusEvery: o.StatusEvery, AwaitBrokers: o.AwaitBrokers, bounded: o.Bounded,
		Program: o.Program, Log: o.Log, Observer: o.Observer,
	}
	j.Identity = identityOf(cfg, j.Parts, o.Program)
	j.Migration = migrationOf(l)
	j.State.Dir = l.StateDir()
	if o.StoreEvidence {
		j.Evidence, j.SpanPeriod = evidenceOf(l, j.Parts, o.Program), o.SpanPeriod
	}
	if o.UntilEnd {
		j.StatusEvery = 0 // its progress is shown
	}
	if cfg.DeadLetter != "auto" {
		j.Task.DeadLetter = cfg.DeadLetter
	}
	opt := processors.Options{ErrorsToDeadLetter: cfg.OnError == "dlq", LateToDeadLetter: cfg.Late == "dlq"}
	j.Control = func() (processors.Processor, error) { return pipeline.New(p, opt) }
	j.nameV2 = func(v2 processors.Config) string {
		other := *cfg
		other.Processors.V2 = v2
		return identityOf(&other, nil, o.Program).V2
	}
	if s, err := sampler(l, p); err != nil {
		return nil, err
	} else if s != nil && !isOff(cfg.Processors.V2) {
		j.Sample, j.SampleStates = s, s
	}
	j.Candidates(cfg.Processors.V2, func(v2 processors.Config) (processors.Processor, error) {
		switch {
		case o.BuildV2 != nil:
			return o.BuildV2(v2, p, opt)
		case j.Sample != nil:
			return partitions.NewSampled(v2, p, opt, cfg.Split.Percent)
		}
		return factory.New(v2, p, opt)
	})
	return j, nil
}

// settings are those of a job that its state depends on, in the form of a plan's parts.
func settings(cfg *config.Job) []plan.Part {
	return []plan.Part{
		// Another group has other offsets, which say what was written.
		{Of: "setting kafka.group", What: "value", Digest: cfg.Kafka.Group},
		{Of: "setting on_error", What: "value", Digest: cfg.OnError},
		{Of: "setting late", What: "value", Digest: cfg.Late},
		{Of: "setting kafka.max_future", What: "value", Digest: cfg.Kafka.MaxFuture.String()},
	}
}

// Compile plans a job's script, and checks what the job says of it.
func Compile(l *config.Loaded) (*plan.Plan, error) {
	p, _, err := compile(l)
	return p, err
}

// compile is Compile, and returns the script as well.
func compile(l *config.Loaded) (*plan.Plan, config.Script, error) {
	script, err := l.Script()
	if err != nil {
		return nil, script, l.Point(err)
	}
	p, err := plan.Compile(script.Text, plan.BuildOptions{DefaultTopic: l.Job.Sink.Topic})
	if err != nil {
		return nil, script, script.Point(err)
	}
	if l.Job.Sink.Topic != "" {
		if _, err := plan.Compile(script.Text, plan.BuildOptions{}); err == nil {
			return nil, script, l.Point(errors.New("sink.topic: has no effect, because each query of the script names its own sink; remove it"))
		}
	}
	if _, err := sampler(l, p); err != nil {
		return nil, script, err
	}
	if l.Job.Listen != "" {
		if err := dashboard.CheckAddress(l.Job.Listen); err != nil {
			return nil, script, l.Point(fmt.Errorf("listen: %w", err))
		}
	}
	if err := diff.CheckRules(l.Job.Diff.Rules, p.Sinks()); err != nil {
		return nil, script, l.Point(fmt.Errorf("diff.rules: %w", err))
	}
	if err := redaction.Check(p, l.Job.Evidence.Redact); err != nil {
		return nil, script, l.Point(fmt.Errorf("evidence.redact: %w", err))
	}
	if err := refuseUnused(l, p); err != nil {
		return nil, script, err
	}
	if err := refuseCanary(l, p); err != nil {
		return nil, script, err
	}
	if v2 := l.Job.Processors.V2; v2.Architecture == processors.ArchitectureV2 {
		if _, err := partitions.RoutingOf(p, v2); err != nil {
			return nil, script, l.Point(fmt.Errorf("v2.partitioning_strategy: %w", err))
		}
	}
	return p, script, nil
}

// sampler chooses the job's percentage of keys; nil for all of them.
func sampler(l *config.Loaded, p *plan.Plan) (*partitions.Sampler, error) {
	if l.Job.Split.Percent == 100 {
		return nil, nil
	}
	s, err := partitions.NewSampler(p, l.Job.Split.Percent)
	if err != nil {
		return nil, l.Point(fmt.Errorf("split.percent: %w", err))
	}
	return s, nil
}

// NeedsState reports whether a job can only continue from a stored state, once it has processed
// records.
func NeedsState(l *config.Loaded) (bool, error) {
	p, err := Compile(l)
	return err == nil && isStateful(p), err
}

// isStateful reports whether a plan's records depend on earlier ones: in any stage, such as a join
// whose rows a query only projects.
func isStateful(p *plan.Plan) bool {
	for _, q := range p.Stages {
		if !q.Split.Stateless {
			return true
		}
	}
	return false
}
