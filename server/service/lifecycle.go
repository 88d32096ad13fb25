package service

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"parallax/diff"
	"parallax/server/jobs"
	"parallax/server/resource"
)

// Jobs returns all jobs, and the job files that are no job, by name.
func (s *Service) Jobs(context.Context) ([]resource.Job, error) {
	list := []resource.Job{}
	for _, st := range s.host.Jobs() {
		list = append(list, s.shown(st))
	}
	for _, r := range s.host.RefusedFiles() {
		name := cmp.Or(r.Job, strings.TrimSuffix(filepath.Base(r.Path), filepath.Ext(r.Path)))
		list = append(list, resource.Job{
			Job: name, State: resource.Failed, Reason: "its job file cannot be used", FileError: r.Reason, File: r.Path, Since: r.At, Verdict: "error", VerdictReason: "there is no job",
		})
	}
	return list, nil
}

// Job returns a job.
func (s *Service) Job(_ context.Context, name string) (resource.Job, error) {
	st, err := s.host.Job(name)
	if err != nil {
		return resource.Job{}, err
	}
	return s.shown(st), nil
}

// shown is a job as the list shows it.
func (s *Service) shown(st jobs.Status) resource.Job {
	f := s.view(st.Name).current(st)
	j := resource.Job{
		Job: st.Name, State: st.State, Reason: st.Reason, FileError: st.FileError, Since: st.Since, Restarts: st.Restarts, File: st.Spec.File,
		Verdict: string(f.verdict.Verdict), VerdictReason: f.verdict.Reason, LevelHeld: f.verdict.LevelHeld.String(),
		Run: f.verdict.Run, Records: f.records, Roots: f.verdict.Divergences.Root, Lag: f.lag, Speed: f.speeds,
	}
	if l := st.Spec.Loaded; l != nil {
		j.V1, j.V2 = l.Job.Processors.V1.String(), l.Job.Processors.V2.String()
	}
	now := f.stage
	if r, ok := st.Run.(*run); ok {
		now, j.V2 = r.Stage(), r.V2() // cheap while it runs
	}
	j.Stage, j.Held = now.Stage, now.IsHeld
	if f.isOld {
		j.Run, j.Roots, j.LevelHeld = "", 0, diff.None.String()
	}
	if f.err != nil {
		j.Verdict, j.VerdictReason = "error", f.err.Error()
	}
	if f.report != nil {
		if _, r := f.report.Evidence.Throughput.Judged(); r.Comparable {
			ratio := float64(r.Value)
			j.Ratio = &ratio
		}
	}
	return j
}

// Put deploys a job file.
func (s *Service) Put(_ context.Context, by resource.Actor, name string, file []byte, isDryRun bool) (resource.Change, error) {
	before := ""
	if st, err := s.host.Job(name); err == nil {
		before = "file " + st.Spec.Digest
	}
	c, err := s.host.Put(by, name, file, isDryRun)
	if isDryRun {
		return c, err
	}
	e := resource.AuditEntry{Job: name, What: "deploy", Before: before}
	if st, failed := s.host.Job(name); failed == nil && err == nil {
		e.After = fmt.Sprintf("file %s (%s)", st.Spec.Digest, c.Change)
	}
	return c, s.record(by, e, err)
}

// Do pauses, resumes, restarts, stops or removes a job.
func (s *Service) Do(_ context.Context, by resource.Actor, name string, a resource.Action) (resource.Job, error) {
	before, _ := s.host.Job(name)
	st, err := s.host.Do(by, name, a)
	err = s.record(by, resource.AuditEntry{Job: name, What: string(a), Before: string(before.State), After: string(st.State)}, err)
	if err != nil {
		return resource.Job{}, err
	}
	return s.shown(st), nil
}
