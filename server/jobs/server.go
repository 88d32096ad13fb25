package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"parallax/server/resource"
	"parallax/shadow/checkpoint"
)

// Options say what a server runs.
type Options struct {
	// Folder is the folder of job files; "" is none.
	Folder string
	// Data is the folder in which the server keeps what must survive its restart.
	Data string
	// MaxJobs is how many jobs there may be.
	MaxJobs int
	// MaxRestarts is how often a job that failed is restarted within an hour.
	MaxRestarts int
	// Poll is how often the folder is looked at.
	Poll time.Duration
	// Drain is how long all jobs together have for a clean stop when the server ends.
	Drain time.Duration
	// Load makes the runs of jobs.
	Load Loader
	// Changed is called when something about a job has changed. It must not block, nor call
	// the server.
	Changed func(job string)
	Log     *slog.Logger
}

// Defaults of the options.
const (
	DefaultMaxJobs     = 100
	DefaultMaxRestarts = 10
	DefaultPoll        = 2 * time.Second
	DefaultDrain       = 30 * time.Second
)

// Server runs jobs.
type Server struct {
	begin sync.Once // the first jobs
	opt   Options
	data  data
	lock  *checkpoint.Lock

	// deploying is held while jobs are added, changed and removed.
	deploying sync.Mutex

	mu   sync.Mutex
	jobs map[string]*Job
	// refused are the files in the folder that are no job, by path.
	refused map[string]Refused
	// broken is why the folder cannot be read; nil if it can.
	broken error

	// working ends the supervisors, and is a request for a clean stop.
	working context.Context
	stop    context.CancelFunc
	folder  folder
}

// Refused is a job file that is not in force, and of which there is no job.
type Refused struct {
	Path string
	// Job is the job that it was of when it could be used; "" if that is not known.
	Job    string
	Reason string
	At     time.Time
}

// New returns a server. It takes the data folder, until Close.
func New(opt Options) (*Server, error) {
	opt.MaxJobs, opt.MaxRestarts = cmp.Or(opt.MaxJobs, DefaultMaxJobs), cmp.Or(opt.MaxRestarts, DefaultMaxRestarts)
	opt.Poll, opt.Drain = cmp.Or(opt.Poll, DefaultPoll), cmp.Or(opt.Drain, DefaultDrain)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Load == nil {
		return nil, errors.New("server/jobs: Options.Load is missing")
	}
	if err := os.MkdirAll(opt.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	lock, err := checkpoint.LockDir(opt.Data)
	if err != nil {
		var locked *checkpoint.LockedError
		if errors.As(err, &locked) {
			return nil, fmt.Errorf("data folder %s is used by another server: stop that one, or name another folder: %w", opt.Data, err)
		}
		return nil, fmt.Errorf("data folder: %w", err)
	}
	s := &Server{opt: opt, data: data{opt.Data}, lock: lock, jobs: map[string]*Job{}, refused: map[string]Refused{}, folder: newFolder(opt.Folder)}
	s.working, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Begin starts the jobs that there are, and does not wait for them. Run does it where it was not done
// before: a server that answers before it knows its jobs says that there are none.
func (s *Server) Begin() {
	s.begin.Do(func() {
		s.startDeployed()
		s.lookAtFolder()
	})
}

// Run starts the jobs and watches the folder until ctx ends; then it stops all jobs, together
// for at most Options.Drain. The error names the jobs that had not stopped by then.
func (s *Server) Run(ctx context.Context) error {
	s.Begin()
	tick := time.NewTicker(s.opt.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			s.lookAtFolder()
		}
	}
	return s.drain()
}

// drain stops all jobs.
func (s *Server) drain() error {
	s.deploying.Lock() // no more jobs
	defer s.deploying.Unlock()
	s.stop()
	over := time.NewTimer(s.opt.Drain)
	defer over.Stop()
	var left []string
	for _, j := range s.all() {
		select {
		case <-j.done:
			continue
		default:
		}
		select {
		case <-j.done:
		case <-over.C:
			over.Reset(0) // for the others as well
			left = append(left, j.name)
		}
	}
	if err := s.lock.Release(); err != nil {
		s.opt.Log.Warn("the data folder was not released", "error", err)
	}
	if len(left) > 0 {
		return fmt.Errorf("jobs %s did not stop within %v and are aborted: each continues from its last commit when the server starts again", strings.Join(left, ", "), s.opt.Drain)
	}
	return nil
}

// Close gives back the data folder of a server that has not run.
func (s *Server) Close() error { return s.lock.Release() }

// all returns the jobs, by name.
func (s *Server) all() []*Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.jobs), func(a, b *Job) int { return strings.Compare(a.name, b.name) })
}

// Jobs returns what is known of all jobs, by name.
func (s *Server) Jobs() []Status {
	var list []Status
	for _, j := range s.all() {
		list = append(list, j.Status())
	}
	return list
}

// Job returns what is known of a job.
func (s *Server) Job(name string) (Status, error) {
	j, err := s.find(name)
	if err != nil {
		return Status{}, err
	}
	return j.Status(), nil
}

func (s *Server) find(name string) (*Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[name]; j != nil {
		return j, nil
	}
	return nil, resource.NewProblem(404, "No such job", fmt.Sprintf("there is no job %q", name), "see the names in GET /v1/jobs")
}

// RefusedFiles returns the job files of the folder of which there is no job, by path.
func (s *Server) RefusedFiles() []Refused {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.refused), func(a, b Refused) int { return strings.Compare(a.Path, b.Path) })
}

// Ready returns why the server cannot do its work; nil if it can.
func (s *Server) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working.Err() != nil {
		return errors.New("the server stops")
	}
	return s.broken
}

func (s *Server) changed(job string) {
	if s.opt.Changed != nil {
		s.opt.Changed(job)
	}
}

// add adds a job and starts its supervisor. Called with deploying held.
func (s *Server) add(spec Spec, w desired) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[spec.Name] != nil {
		return fmt.Errorf("job %s is there already", spec.Name)
	}
	if err := s.isFull(spec.Name); err != nil {
		return err
	}
	j := &Job{
		name: spec.Name, server: s, log: s.opt.Log.With("job", spec.Name), wake: make(chan struct{}, 1), done: make(chan struct{}),
		spec: spec, desired: w, life: life{State: resource.Stopped, Since: time.Now()}, restarts: restarts{most: s.opt.MaxRestarts},
	}
	s.jobs[spec.Name] = j
	go j.supervise(s.working)
	return nil
}

// isFull returns why no other job can be added, nil if one can. Called with mu held.
func (s *Server) isFull(name string) error {
	if len(s.jobs) < s.opt.MaxJobs {
		return nil
	}
	return resource.NewProblem(409, "Too many jobs", fmt.Sprintf("job %s is not started: there are %d jobs already, as many as --max-jobs allows", name, len(s.jobs)), "remove a job, or start the server with a larger --max-jobs")
}
