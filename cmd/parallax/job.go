package main

import (
	"fmt"

	"parallax/reports"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
)

// thisProgram is what the reports say that ran.
func thisProgram() evidence.Program { return evidence.Program{Version: version, Commit: builtFrom()} }

// summary is what a job came to; nil where it did not begin.
func summary(r *job.Result) *reports.Summary {
	if r == nil {
		return nil
	}
	s := reports.Summarise(r.Job, r.Evidence, r.Policy, r.Verdict)
	if r.ThisOne != nil {
		s.Continues(r.Incarnations, *r.ThisOne)
	}
	return &s
}

// print writes a summary as the user wants it.
func (e *env) print(s *reports.Summary) error {
	if !e.json {
		return reports.StyledText(e.text(), e.terminal(), *s)
	}
	line, err := s.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s\n", line)
	return err
}

// watcher tells the user on standard error what happens while a job runs.
type watcher struct {
	e        *env
	progress *progress // nil until there is some
}

func (w *watcher) Listening(address string) {
	fmt.Fprintf(w.e.errs, "metrics on http://%s/metrics\n", address)
}

func (w *watcher) Progress(done, total int64) {
	if w.progress == nil {
		w.progress = newProgress(w.e.errs, "processed", total)
	}
	w.progress.at(done)
}

func (w *watcher) ProgressEnded() {
	if w.progress != nil {
		w.progress.done()
	}
}

func (w *watcher) Isolating(name string) {
	fmt.Fprintf(w.e.errs, "measuring the paths of job %s one at a time\n", name)
}
