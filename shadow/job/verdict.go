package job

import (
	"context"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
)

// verdictDocument documents the verdict on the job.
func (j *Job) verdictDocument(context.Context) (verdict.Document, error) {
	by := j.judging()
	e, err := j.evidence(by)
	if err != nil {
		return verdict.Document{}, err
	}
	return verdict.Make(j.Name, by.policy, e)
}

// EvidenceNow returns what a verdict on the job is made on now: its stored evidence, which adds up over
// restarts, or what this process has compared if the job stores none.
func (j *Job) EvidenceNow() (gate.Evidence, error) { return j.evidence(j.judging()) }

func (j *Job) evidence(by judging) (gate.Evidence, error) {
	at, now := time.Now(), j.IdentityNow()
	if j.Evidence.Dir != "" {
		e, _, err := verdict.Stored{
			Dir: j.Evidence.Dir, Job: j.Name, Policy: by.policy, Accepted: by.accepted, Current: &now, Require: j.Require, At: at,
		}.Evidence()
		return e, err
	}
	e := gate.Evidence{At: at, Current: &now, Accepted: by.accepted}
	e.Require = j.Require
	if r := j.Report(); r != nil { // it has begun
		e.Report = r.Evidence
	}
	return e, nil
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
