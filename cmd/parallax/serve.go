package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parallax/server/jobs"
	"parallax/server/service"
)

type serveCommand struct {
	Jobs        string        `help:"Folder of job files. Each file is a job; a changed file is noticed." placeholder:"DIR"`
	Data        string        `help:"Folder for what must survive a restart: jobs that were deployed, what was asked for, the audit." default:"./parallax-data" placeholder:"DIR"`
	Listen      string        `help:"Address of the API, the page and the metrics." default:"127.0.0.1:8080" placeholder:"ADDR"`
	MaxJobs     int           `help:"How many jobs there may be." default:"100"`
	MaxRestarts int           `help:"How often a job that failed is restarted within an hour." default:"10"`
	Drain       time.Duration `help:"How long the jobs have for a clean stop when the server ends." default:"30s" placeholder:"D"`

	accessFlags `embed:""`
}

func (serveCommand) Help() string {
	return examples(
		"parallax serve --jobs ./jobs",
		"parallax serve --jobs /etc/parallax/jobs --data /var/lib/parallax --listen 127.0.0.1:8080",
		"parallax serve --jobs ./jobs --listen 0.0.0.0:8443 --tokens parallax.tokens --tls-cert cert.pem --tls-key key.pem",
	) + "\n\nINT, TERM or HUP stops all jobs and the server; the next start continues them."
}

func (c *serveCommand) Run(e *env) error {
	switch {
	case c.MaxJobs <= 0:
		return fmt.Errorf("--max-jobs: %d must be greater than 0", c.MaxJobs)
	case c.MaxRestarts < 0:
		return fmt.Errorf("--max-restarts: %d must not be negative", c.MaxRestarts)
	case c.Drain <= 0:
		return fmt.Errorf("--drain: %v must be greater than 0", c.Drain)
	}
	s, err := service.New(service.Options{Data: c.Data, Program: thisProgram(), BuildV2: e.buildV2, Log: e.log})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // every entry is on the disk already
	host, err := jobs.New(jobs.Options{
		Folder: c.Jobs, Data: c.Data, MaxJobs: c.MaxJobs, MaxRestarts: c.MaxRestarts, Drain: c.Drain, Load: s.Load, Changed: s.Changed, Log: e.log,
	})
	if err != nil {
		return err
	}
	s.Serve(host)
	srv, err := c.listen(e, c.Listen)
	if err != nil {
		return errors.Join(err, host.Close())
	}
	host.Begin()
	stop, err := serveHTTP(e, srv, s)
	if err != nil {
		ended, cancel := context.WithCancel(e.ctx)
		cancel()
		return errors.Join(err, srv.Close(e.ctx), host.Run(ended))
	}
	watching, cancel := context.WithCancel(e.ctx)
	defer cancel()
	go s.Watch(watching)
	err = host.Run(e.ctx)
	return errors.Join(err, stop())
}
