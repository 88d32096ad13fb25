package job

import (
	"errors"
	"fmt"
	"time"

	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// addEarlier adds the evidence of the incarnations before this one to the result of a run that
// has come to its end, and judges all of it as the gate does: with the number of earlier runs that
// ended without a pass. What was not stored remains as it is.
func (j *Job) addEarlier(r *Result) {
	if j.Evidence.Dir == "" {
		return
	}
	whole, err := j.wholeRun()
	if dropped := j.recorder.Load().Counts().Dropped; err == nil && dropped > 0 {
		err = fmt.Errorf("%d spans of evidence were not stored", dropped)
	}
	if err != nil {
		j.Log.Warn("the summary and the exit code are of this process alone: the evidence of the whole run cannot be read", "error", err)
		return
	}
	if whole.Incarnations > 1 {
		own := r.Evidence
		r.ThisOne, r.Incarnations = &own, whole.Incarnations
		r.Evidence = whole.Report
		r.Evidence.Throughput.Isolated = own.Throughput.Isolated
		r.Evidence.OpenTransactions = own.OpenTransactions
	}
	r.Verdict = gate.Decide(j.judging().policy, gate.Evidence{Report: r.Evidence, Stored: whole, Current: &j.Identity, Accepted: j.judging().accepted, At: time.Now()})
}

// wholeRun reads the evidence of the newest run.
func (j *Job) wholeRun() (whole *evidence.Stretch, err error) {
	r, err := store.OpenReader(j.Evidence.Dir, j.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return r.Whole(store.Query{})
}
