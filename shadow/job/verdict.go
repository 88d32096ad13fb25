package job

import (
	"context"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
)

// verdictDocument documents the verdict on the job: on its stored evidence, which adds up
// over restarts, or on what this process has compared if the job stores none.
func (j *Job) verdictDocument(context.Context) (verdict.Document, error) {
	by, at := j.judging(), time.Now()
	if j.Evidence.Dir != "" {
		d, _, err := verdict.OnStored(verdict.Stored{
			Dir: j.Evidence.Dir, Job: j.Name, Policy: by.policy, Accepted: by.accepted, Current: &j.Identity, Require: j.Require, At: at,
		})
		return d, err
	}
	e := gate.Evidence{At: at, Current: &j.Identity, Accepted: by.accepted}
	e.Require = j.Require
	r := j.Report()
	if r == nil { // it has not begun
		return verdict.Make(j.Name, by.policy, e)
	}
	e.Report = r.Evidence
	return verdict.Of(j.Name, by.policy, e, r.Verdict)
}

// rememberVerdict stores the verdict on the job's evidence once it has ended: a run that had
// a pass is no failed attempt when a later one is judged.
func (j *Job) rememberVerdict() {
	if j.Evidence.Dir == "" {
		return
	}
	d, err := j.verdictDocument(context.Background())
	if err == nil {
		err = d.Remember(j.Evidence.Dir, j.Name)
	}
	if err != nil {
		j.Log.Warn("the verdict of the run was not stored", "error", err)
	}
}
