package resourcetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/resource"
)

// Now is the time at which the jobs of New are as they are.
var Now = time.Date(2026, 11, 29, 14, 20, 0, 0, time.UTC)

// job is all that the server knows about a job.
type job struct {
	resource.Job
	stage        resource.Stage
	verdict      verdict.Document
	details      resource.Details
	divergences  []resource.Divergence
	signatures   []resource.Signature
	columns      []resource.Column
	ledger       resource.Ledger
	history      []resource.HistoryEntry
	changes      []resource.StageChange // the newest first
	reports      []resource.Report
	config       []resource.ConfigValue
	rules        resource.Rules
	explanations map[string]resource.Explanation
}

// Service is the job server. Its methods can be called from any goroutine.
type Service struct {
	mu       sync.Mutex
	jobs     map[string]*job
	audit    []resource.AuditEntry // the newest first
	events   events
	failure  error
	numbered int
	refused  []resource.Job
}

var _ resource.Service = (*Service)(nil)

// New returns a server with six jobs:
//
//   - orders: running, in canary:5, waits for more evidence before canary:25
//   - fees: running, in canary:25, its verdict is pass and it may be promoted
//   - trades-by-symbol: running, in shadow, its verdict is fail, with four signatures
//   - settlements: paused, held in shadow after it went back three times
//   - quotes: waiting for another instance, without evidence
//   - positions: failed, with a changed job file that is broken
func New() *Service {
	s := Empty()
	for _, j := range []*job{orders(), fees(), trades(), settlements(), quotes(), positions()} {
		s.jobs[j.Job.Job] = j
	}
	s.audit = audit()
	return s
}

// Empty returns a server without jobs.
func Empty() *Service { return &Service{jobs: map[string]*job{}} }

// Fail makes all calls fail with err; nil ends that.
func (s *Service) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

// Update changes what the list shows of a job, and publishes it.
func (s *Service) Update(name string, change func(*resource.Job)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.jobs[name].Job)
	s.publish("job", name, "")
}

// Refuse adds a job file of which there is no job, because it cannot be used.
func (s *Service) Refuse(name, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, resource.Job{Job: name, State: resource.Failed, Reason: "its job file cannot be used", FileError: why, File: name + ".yaml", Verdict: "error", Since: Now})
}

// find returns a job; the caller holds mu.
func (s *Service) find(name string) (*job, error) {
	if s.failure != nil {
		return nil, s.failure
	}
	j := s.jobs[name]
	if j == nil {
		return nil, resource.NewProblem(http.StatusNotFound, "Job not found", fmt.Sprintf("there is no job %q", name), "list the jobs to see their names")
	}
	return j, nil
}

// read returns what of takes from a job.
func read[T any](s *Service, name string, of func(*job) T) (none T, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return none, err
	}
	return of(j), nil
}

func (s *Service) Jobs(context.Context) ([]resource.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append([]resource.Job{}, s.refused...)
	for _, j := range s.jobs {
		list = append(list, j.Job)
	}
	slices.SortFunc(list, func(a, b resource.Job) int { return strings.Compare(a.Job, b.Job) })
	return list, s.failure
}

func (s *Service) Job(_ context.Context, name string) (resource.Job, error) {
	return read(s, name, func(j *job) resource.Job { return j.Job })
}

func (s *Service) Stage(_ context.Context, name string) (resource.Stage, error) {
	return read(s, name, func(j *job) resource.Stage { return j.stage })
}

func (s *Service) StageHistory(_ context.Context, name string) ([]resource.StageChange, error) {
	return read(s, name, func(j *job) []resource.StageChange { return slices.Clone(j.changes) })
}

func (s *Service) Verdict(_ context.Context, name string) (verdict.Document, error) {
	return read(s, name, func(j *job) verdict.Document {
		d := j.verdict
		d.V1, d.V2 = j.V1, j.V2
		return d
	})
}

func (s *Service) Details(_ context.Context, name string) (resource.Details, error) {
	return read(s, name, func(j *job) resource.Details {
		d := j.details
		d.Job = j.Job
		return d
	})
}

func (s *Service) Divergences(_ context.Context, name string, q resource.DivergenceQuery) (resource.Page[resource.Divergence], error) {
	items, err := read(s, name, func(j *job) []resource.Divergence {
		list := []resource.Divergence{}
		for _, d := range j.divergences {
			if q.Signature == "" || q.Signature == d.Signature {
				list = append(list, d)
			}
		}
		return list
	})
	if err != nil {
		return resource.Page[resource.Divergence]{}, err
	}
	return pageOf(items, q.After, q.Limit)
}

func (s *Service) Signatures(_ context.Context, name string) ([]resource.Signature, error) {
	return read(s, name, func(j *job) []resource.Signature { return slices.Clone(j.signatures) })
}

func (s *Service) Columns(_ context.Context, name string) ([]resource.Column, error) {
	return read(s, name, func(j *job) []resource.Column { return slices.Clone(j.columns) })
}

func (s *Service) Ledger(_ context.Context, name string) (resource.Ledger, error) {
	return read(s, name, func(j *job) resource.Ledger { return j.ledger })
}

func (s *Service) History(_ context.Context, name string) ([]resource.HistoryEntry, error) {
	return read(s, name, func(j *job) []resource.HistoryEntry { return slices.Clone(j.history) })
}

func (s *Service) Reports(_ context.Context, name string) ([]resource.Report, error) {
	return read(s, name, func(j *job) []resource.Report { return slices.Clone(j.reports) })
}

func (s *Service) Report(_ context.Context, name, id, format string) (io.ReadCloser, error) {
	list, err := read(s, name, func(j *job) []resource.Report { return j.reports })
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.ID == id && slices.Contains(r.Formats, format) {
			text := fmt.Sprintf("Report %s of %s: %s.\n", id, name, r.Verdict)
			switch format {
			case "html":
				text = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Report</title></head><body><p>" + text + "</p></body></html>\n"
			case "json":
				text = fmt.Sprintf("{\"job\":%q,\"verdict\":%q}\n", name, r.Verdict)
			case "junit":
				text = "<testsuites></testsuites>\n"
			}
			return io.NopCloser(strings.NewReader(text)), nil
		}
	}
	return nil, resource.NewProblem(http.StatusNotFound, "Report not found", fmt.Sprintf("the job %s has no report %q as %s", name, id, format), "list the job's reports to see their ids and formats")
}

func (s *Service) Config(_ context.Context, name string) ([]resource.ConfigValue, error) {
	return read(s, name, func(j *job) []resource.ConfigValue { return slices.Clone(j.config) })
}

func (s *Service) Explanation(_ context.Context, name, id string) (resource.Explanation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(name)
	if err != nil {
		return resource.Explanation{}, err
	}
	e, ok := j.explanations[id]
	if !ok {
		return e, resource.NewProblem(http.StatusNotFound, "Explanation not found", fmt.Sprintf("the job %s has no explanation %q", name, id), "begin one for a signature of the job")
	}
	return e, nil
}

func (s *Service) Rules(_ context.Context, name string) (resource.Rules, error) {
	return read(s, name, func(j *job) resource.Rules {
		return resource.Rules{Rules: append([]resource.Rule{}, j.rules.Rules...), Accepted: append([]gate.AcceptedSignature{}, j.rules.Accepted...)}
	})
}

func (s *Service) Audit(_ context.Context, name, after string, limit int) (resource.Page[resource.AuditEntry], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "" {
		if _, err := s.find(name); err != nil {
			return resource.Page[resource.AuditEntry]{}, err
		}
	}
	list := []resource.AuditEntry{}
	for _, e := range s.audit {
		if name == "" || e.Job == name {
			list = append(list, e)
		}
	}
	if s.failure != nil {
		return resource.Page[resource.AuditEntry]{}, s.failure
	}
	return pageOf(list, after, limit)
}

func (s *Service) Metrics(w io.Writer) {
	jobs, err := s.Jobs(context.Background())
	if err != nil {
		return
	}
	for _, j := range jobs {
		_, _ = fmt.Fprintf(w, "parallax_records_total{job=%q} %d\n", j.Job, j.Records)
	}
}

func (s *Service) Ready(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// pageOf cuts a page from a list; a position in the list, as text, continues it.
func pageOf[T any](list []T, after string, limit int) (p resource.Page[T], err error) {
	from := 0
	if after != "" {
		if from, err = strconv.Atoi(after); err != nil || from < 1 || from > len(list) {
			return p, resource.NewProblem(http.StatusBadRequest, "No such page", fmt.Sprintf("after: %q is not from a page of this list", after), "use what the page before had in next")
		}
	}
	p.Items = list[from:]
	if limit > 0 && len(p.Items) > limit {
		p.Items, p.Next = p.Items[:limit], strconv.Itoa(from+limit)
	}
	return p, nil
}
