package job

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/reports/verdict"
)

// verdictDocument documents the verdict on the job: on its stored evidence, which adds up
// over restarts, or on what this process has compared if the job stores none.
func (j *Job) verdictDocument(context.Context) (verdict.Document, error) {
	e := gate.Evidence{At: time.Now(), Current: &j.Identity, Accepted: j.judging().accepted}
	e.Require = j.Require
	if j.Evidence.Dir != "" {
		return j.storedVerdict(e)
	}
	r := j.Report()
	if r == nil { // it has not begun
		return verdict.Make(j.Name, j.judging().policy, e)
	}
	e.Report = r.Evidence
	return verdict.Of(j.Name, j.judging().policy, e, r.Verdict)
}

// storedVerdict judges the evidence that is stored now; e is what is judged without any.
func (j *Job) storedVerdict(e gate.Evidence) (d verdict.Document, err error) {
	r, err := store.OpenReader(j.Evidence.Dir, j.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return verdict.Make(j.Name, j.judging().policy, e)
	}
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	s, err := r.Stretch(store.Query{})
	switch {
	case errors.Is(err, store.ErrNoRun):
		return verdict.Make(j.Name, j.judging().policy, e)
	case err != nil:
		return d, err
	}
	e.Stored, e.Report = s, s.Report
	return verdict.Make(j.Name, j.judging().policy, e)
}

// rememberVerdict stores the verdict on the job's evidence once it has ended: a run that had
// a pass is no failed attempt when a later one is judged.
func (j *Job) rememberVerdict() {
	if j.Evidence.Dir == "" {
		return
	}
	d, err := j.verdictDocument(context.Background())
	if err == nil && d.Run != "" {
		err = d.Store(j.Evidence.Dir, j.Name)
	}
	if err != nil {
		j.Log.Warn("the verdict of the run was not stored", "error", err)
	}
}
