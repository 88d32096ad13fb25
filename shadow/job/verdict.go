package job

import (
	"context"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/shadow/evidence"
)

// verdictDocument documents the verdict on what the job has shown so far.
func (j *Job) verdictDocument(context.Context) (verdict.Document, error) {
	e := gate.Evidence{At: time.Now(), Current: j.identity(), Accepted: j.Accepted}
	r := j.Report()
	if r == nil { // it has not begun
		e.Require = j.Require
		return verdict.Make(j.Name, j.Policy, e)
	}
	e.Report = r.Evidence
	return verdict.Of(j.Name, j.Policy, e, r.Verdict)
}

// identity says what the job is now, as far as a verdict shows it.
func (j *Job) identity() *evidence.RunIdentity {
	return &evidence.RunIdentity{V1: j.Versions[0], V2: j.Versions[1]}
}
