package service

import (
	"parallax/config"
	"parallax/server/jobs"
	"parallax/shadow/job"
)

// Adopt makes a run of a job that somebody else runs, so that it can be shown.
func (s *Service) Adopt(j *job.Job, l *config.Loaded) jobs.Run {
	r := &run{Job: j, service: s, changed: make(chan struct{}, 1)}
	r.reports.Store(s.reportsOf(l))
	return r
}
