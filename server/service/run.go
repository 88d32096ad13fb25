package service

import (
	"context"
	"log/slog"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/reports/schedule"
	"parallax/shadow/job"
)

// run is a run of a job, with the reports that it makes beside.
type run struct {
	*job.Job
	reports *schedule.Job
}

// newRun makes a run of a job file. It does not begin.
func newRun(l *config.Loaded, o Options, log *slog.Logger) (*run, error) {
	accepted, err := config.LoadAccepted(config.AcceptedPath(l.Path))
	if err != nil {
		return nil, err
	}
	j, err := job.Load(l, job.Options{
		Accepted: accepted, StoreEvidence: true, LogDivergences: true, StatusEvery: statusEvery,
		BuildV2: o.BuildV2, Program: o.Program, Log: log,
	})
	if err != nil {
		return nil, err
	}
	j.Listen = "" // the server serves what a job would
	r := &run{Job: j, reports: &schedule.Job{Name: l.Job.Name, File: l.Path, EvidenceDir: l.EvidenceDir(), Policy: l.Job.Gate, Config: l.Job.Reports, Log: log}}
	r.reports.Accepted = func() ([]gate.Acceptance, error) { return config.LoadAccepted(config.AcceptedPath(l.Path)) }
	r.reports.Config.Dir = l.ReportsDir()
	return r, nil
}

// Run runs the job, and makes its reports meanwhile.
func (r *run) Run(ctx context.Context) (*job.Result, error) {
	reporting, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.reports.Run(reporting)
	}()
	result, err := r.Job.Run(ctx)
	cancel()
	<-done
	return result, err
}
