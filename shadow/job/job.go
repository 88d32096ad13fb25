package job

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
	"parallax/shadow"
	"parallax/shadow/checkpoint"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
	"parallax/shadow/redaction"
	"parallax/shadow/sampling"
	"parallax/shadow/states"
)

// Job is a job that can be run, once. Load makes one of a job file.
type Job struct {
	Name  string
	Plan  *plan.Plan
	Kafka kafka.Config
	Task  kafka.Options
	// Control builds the control, Candidate the candidate; Candidate is nil for `v2: off`.
	Control, Candidate func() (processors.Processor, error)
	// PartitionOf is the candidate's router.
	PartitionOf func(b *row.Batch, c *row.Change) int32
	// v2 is the configuration of the candidate that runs, or is to run, nil for none; build builds
	// one, locator finds its partitions, and nameV2 names it in an identity.
	v2      atomic.Pointer[processors.Config]
	build   func(processors.Config) (processors.Processor, error)
	locator atomic.Pointer[partitions.Locator]
	nameV2  func(processors.Config) string
	// changing is held while the running job is changed; settings guards Rules and Runner.Commit
	// from then on.
	changing, settings sync.Mutex
	identities         identities
	// Sample is nil where all keys are compared.
	Sample sampling.Sampler
	// SampleStates chooses what is compared of states; nil for all.
	SampleStates states.Sample
	Runner       shadow.Config
	Require      diff.Level
	Rules        []diff.Rule
	Policy       gate.Policy
	// Accepted are the differences that are intended.
	Accepted []gate.Acceptance
	// Identity says what the job's evidence is about when it begins; see IdentityNow.
	Identity evidence.RunIdentity
	// Listen is the address that serves metrics and health while the job runs; "" is none.
	Listen string
	// LogDivergences and StatusEvery say what is logged while the job runs.
	LogDivergences bool
	// AwaitBrokers: see Options.
	AwaitBrokers bool
	StatusEvery  time.Duration
	// Feed makes the job's input while it runs; when it is done, what it made is
	// where the input ends. nil: the input is there, or comes from elsewhere.
	Feed func(ctx context.Context, task *kafka.Task) error
	// Program is the program that runs the job.
	Program evidence.Program
	// Log takes what is to be known later; nil is none.
	Log *slog.Logger
	// Observer is told what happens while the job runs; nil is none.
	Observer Observer

	// State says where and how often V1's state is stored.
	State checkpoint.Config
	// Parts are what the state depends on: those of the plan, and settings.
	Parts []plan.Part
	// SpanPeriod is how long a span of evidence is; 0 is shadow.DefaultSpanPeriod.
	SpanPeriod time.Duration
	// Redact are the columns whose values are not shown (see store.Config).
	Redact []string
	// Evidence says where the evidence of the job's runs is stored.
	Evidence Evidence
	// Held returns the bytes that the job's V2 holds, or an error that says why it must go; nil
	// estimates them from the growth of the process's heap. See shadow.Job.
	Held func() (int64, error)
	// Script is the script's text, for people who look at a checkpoint.
	Script string

	// Migration says how V2 takes over; nil: the job stays in shadow.
	Migration *Migration

	showing  sync.Once
	judgedBy atomic.Pointer[judging]
	shown    *live
	running  atomic.Pointer[running]
	stages   atomic.Pointer[stages] // nil for a job without a migration, and before it runs
	// bounded: the run stops after a time.
	bounded  bool
	judged   atomic.Pointer[verdict.Document]
	stored   stored
	recorder atomic.Pointer[store.Recorder]
	// redaction is nil if nothing is redacted, or before Run.
	redaction *redaction.Redaction
	restarts  atomic.Int64
	ended     atomic.Pointer[Result]
}

// Observer is told what happens while a job runs. It is called by several goroutines, one
// at a time.
type Observer interface {
	// Listening says where the job's metrics are served.
	Listening(address string)
	// Progress says, every now and then, how many of the records of a bounded run have
	// been processed; ProgressEnded says that it will say no more.
	Progress(done, total int64)
	ProgressEnded()
	// Isolating says that the paths are now measured one at a time.
	Isolating(job string)
}

// silent is an Observer that tells nobody.
type silent struct{}

func (silent) Listening(string)      {}
func (silent) Progress(int64, int64) {}
func (silent) ProgressEnded()        {}
func (silent) Isolating(string)      {}

// Result is what a job showed and what that is worth.
type Result struct {
	Job      string
	Evidence evidence.Report
	Policy   gate.Policy
	Verdict  gate.Verdict
	// Incarnations is how many times the run was begun or continued: by other processes before,
	// and after brokers or topic-partitions were lost. Evidence is that of all of them where it
	// is stored and the run has an end, and ThisOne is the last one's own; else ThisOne is nil.
	Incarnations int
	ThisOne      *evidence.Report
}

// running is a job that has begun.
type running struct {
	task    *kafka.Task
	runner  *shadow.Runner
	states  *checkpoints // nil for a job that stores no state
	started time.Time
}
