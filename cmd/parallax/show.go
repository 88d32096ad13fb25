package main

import (
	"context"
	"errors"
	"os"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/server/access"
	"parallax/server/service"
	"parallax/server/single"
	"parallax/shadow/job"
)

// shownJob is a job that a command runs, with the page and the API that show it.
type shownJob struct {
	host  *single.Host
	close func() error
}

// show serves the page and the API of a job that a command runs, at the job's own address, which
// the job does not listen on then.
func show(e *env, command string, j *job.Job, l *config.Loaded, accepted []gate.Acceptance, build job.BuildV2) (*shownJob, error) {
	srv, err := access.Listen(access.Options{Listen: j.Listen, IsMonitored: true, Log: e.log})
	if err != nil {
		return nil, err
	}
	if w := srv.Warning(); w != "" {
		e.log.Warn(w)
	}
	data, err := os.MkdirTemp("", "parallax-shown-")
	if err != nil {
		return nil, errors.Join(err, srv.Close(e.ctx))
	}
	remove := func() error { return os.RemoveAll(data) }
	s, err := service.New(service.Options{Data: data, Program: thisProgram(), BuildV2: build, Log: e.log})
	if err != nil {
		return nil, errors.Join(err, srv.Close(e.ctx), remove())
	}
	host := single.New(command, l, accepted)
	s.Serve(host)
	host.Begins(s.Adopt(j, l))
	stop, err := serveHTTP(e, srv, s)
	if err != nil {
		return nil, errors.Join(err, s.Close(), srv.Close(e.ctx), remove())
	}
	j.Listen = ""
	watching, cancel := context.WithCancel(e.ctx)
	go s.Watch(watching)
	return &shownJob{host, func() error {
		cancel()
		return errors.Join(stop(), s.Close(), remove())
	}}, nil
}
