package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/audit"
	"parallax/server/events"
	"parallax/server/jobs"
	"parallax/server/memory"
	"parallax/server/resource"
	"parallax/shadow/evidence"
	"parallax/shadow/host"
	"parallax/shadow/job"
)

// Host runs the jobs. *jobs.Server is one.
type Host interface {
	Jobs() []jobs.Status
	Job(name string) (jobs.Status, error)
	RefusedFiles() []jobs.Refused
	Put(by resource.Actor, name string, file []byte, isDryRun bool) (resource.Change, error)
	Do(by resource.Actor, name string, a resource.Action) (jobs.Status, error)
	Accepted(l *config.Loaded) ([]gate.Acceptance, error)
	Accept(name string, a gate.Acceptance) error
	AddRule(name string, r diff.Rule) error
	Ready() error
}

// Options say what a service serves.
type Options struct {
	// Data is the folder of the audit and of explanations.
	Data string
	// Program is the program that runs the jobs.
	Program evidence.Program
	// BuildV2 builds candidates where they are not those that the jobs name; nil otherwise.
	BuildV2 job.BuildV2
	// SpanPeriod is how long a span of evidence is, and Every how often the figures of a job are
	// made again; 0 stands for the usual times.
	SpanPeriod, Every time.Duration
	Log               *slog.Logger
}

// Service implements resource.Service.
type Service struct {
	opt    Options
	host   Host
	audit  *audit.Log
	events *events.Broker

	explanations *explanations
	memory       *memory.Watch
	// working ends what was begun in the background.
	working context.Context
	stop    context.CancelFunc

	mu    sync.Mutex
	views map[string]*view
}

var (
	_ resource.Service = (*Service)(nil)
	_ resource.Limited = (*Service)(nil)
)

// New returns a service without jobs: Serve says who runs them.
func New(opt Options) (*Service, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	a, err := audit.Open(filepath.Join(opt.Data, "audit.jsonl"))
	if err != nil {
		return nil, err
	}
	opt.Every = cmp.Or(opt.Every, viewEvery)
	s := &Service{opt: opt, audit: a, events: events.New(), explanations: newExplanations(), memory: memory.New(host.MemoryLimit(), host.LiveHeap), views: map[string]*view{}}
	s.working, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Serve says who runs the jobs. It is called once, before all other methods but Changed.
func (s *Service) Serve(h Host) { s.host = h }

// Close ends what was begun, and closes the audit.
func (s *Service) Close() error {
	s.stop()
	return s.audit.Close()
}

// Changed says that something about a job has changed. It does not block.
func (s *Service) Changed(name string) {
	s.events.Publish(resource.Event{Kind: "job", Job: name})
}

// Load makes the runs of jobs: it is jobs.Options.Load.
func (s *Service) Load(l *config.Loaded, accepted []gate.Acceptance) (jobs.Run, error) {
	return s.newRun(l, accepted)
}

// record writes a change that somebody asked for to the audit, whatever came of it. A change
// whose entry cannot be written is reported, because it has happened.
func (s *Service) record(by resource.Actor, e resource.AuditEntry, result error) error {
	e.Who, e.Role, e.Result = by.Name, by.Role, "done"
	if result != nil {
		e.Result = result.Error()
	}
	e, err := s.audit.Append(e)
	if err != nil {
		s.opt.Log.Error("a change is missing in the audit", "what", e.What, "job", e.Job, "who", e.Who, "error", err)
		return errors.Join(result, err)
	}
	s.events.Publish(resource.Event{Kind: "audit", Job: e.Job, Text: fmt.Sprintf("%s: %s (%s)", e.Who, e.What, e.Result)})
	return result
}

// Refused writes a change to the audit that was refused because of who asked for it.
func (s *Service) Refused(e resource.AuditEntry) {
	if _, err := s.audit.Append(e); err != nil {
		s.opt.Log.Error("a refused change is missing in the audit", "what", e.What, "job", e.Job, "who", e.Who, "error", err)
	}
}

// Audit returns the changes that were asked for.
func (s *Service) Audit(_ context.Context, job, after string, limit int) (resource.Page[resource.AuditEntry], error) {
	return s.audit.Read(job, after, pageOf(limit))
}

// Events returns what changes.
func (s *Service) Events(ctx context.Context, after string) (<-chan resource.Event, error) {
	return s.events.Subscribe(ctx, after), nil
}

// BelongsTo names the command that the only job belongs to; "" for a job server.
func (s *Service) BelongsTo() string {
	if of, ok := s.host.(resource.Limited); ok {
		return of.BelongsTo()
	}
	return ""
}

// Ready returns why the server cannot do its work.
func (s *Service) Ready(context.Context) error { return s.host.Ready() }

// pageOf is how many items a page has that asks for limit.
func pageOf(limit int) int {
	const usual, most = 50, 1000
	if limit <= 0 {
		return usual
	}
	return min(limit, most)
}

// find returns a job with a file that can be used.
func (s *Service) find(name string) (jobs.Status, error) {
	st, err := s.host.Job(name)
	if err == nil && st.Spec.Loaded == nil {
		err = resource.NewProblem(http.StatusConflict, "The job has no file", fmt.Sprintf("job %s has no job file that can be used", name), "")
	}
	return st, err
}

// now is when what is shown was made.
func now() time.Time { return time.Now().UTC() }
