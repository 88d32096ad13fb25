package service

import (
	"context"
	"sync/atomic"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/shadow/job"
)

// run is a run of a job, with the reports that it makes beside.
type run struct {
	*job.Job
	service *Service
	reports atomic.Pointer[schedule.Job]
	// changed says that there are other reports to make.
	changed chan struct{}
}

// newRun makes a run of a job file. It does not begin.
func (s *Service) newRun(l *config.Loaded, accepted []gate.Acceptance) (*run, error) {
	o, log := &s.opt, s.opt.Log
	j, err := job.Load(l, job.Options{
		Accepted: accepted, StoreEvidence: true, LogDivergences: true, StatusEvery: statusEvery,
		SpanPeriod: o.SpanPeriod, AwaitBrokers: true, BuildV2: o.BuildV2, Program: o.Program, Log: log,
	})
	if err != nil {
		return nil, err
	}
	j.Listen = "" // the server serves what a job would
	r := &run{Job: j, service: s, changed: make(chan struct{}, 1)}
	r.reports.Store(s.reportsOf(l))
	return r, nil
}

// reportsOf is a job as its reports need it.
func (s *Service) reportsOf(l *config.Loaded) *schedule.Job {
	j := &schedule.Job{Name: l.Job.Name, File: l.Path, EvidenceDir: l.EvidenceDir(), Policy: l.Job.Gate, Config: l.Job.Reports, Log: s.opt.Log}
	j.Accepted = func() ([]gate.Acceptance, error) { return s.host.Accepted(l) }
	j.Config.Dir = l.ReportsDir()
	return j
}

// Run runs the job, and makes its reports meanwhile.
func (r *run) Run(ctx context.Context) (*job.Result, error) {
	reporting, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.makeReports(reporting)
	}()
	account := r.service.memory.Open(r.Name, r.StateSize)
	defer account.Close()
	r.Held = account.Held
	result, err := r.Job.Run(ctx)
	cancel()
	<-done
	return result, err
}

// makeReports makes the reports of the schedule, which may change, until ctx ends.
func (r *run) makeReports(ctx context.Context) {
	for ctx.Err() == nil {
		of, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.reports.Load().Run(of)
		}()
		select {
		case <-ctx.Done():
		case <-r.changed:
		}
		stop()
		<-done
	}
}

// Patch takes the policy, the reports and the acceptances while the job runs.
func (r *run) Patch(l *config.Loaded, accepted []gate.Acceptance) {
	r.JudgeBy(l.Job.Gate, accepted)
	r.reports.Store(r.service.reportsOf(l))
	select {
	case r.changed <- struct{}{}:
	default:
	}
}
