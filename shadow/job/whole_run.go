package job

import (
	"errors"
	"fmt"
	"time"

	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// addEarlier adds the evidence of the incarnations before this one, which began at a time, to the
// result of a run that has come to its end, and judges all of it as the gate does: with the number of
// earlier runs that ended without a pass. What was not stored remains as it is.
func (j *Job) addEarlier(r *Result, began time.Time) {
	if j.Evidence.Dir == "" {
		return
	}
	whole, err := j.endedRun(began)
	dropped := j.recorder.Load().Counts().Dropped
	if dropped == 0 && errors.Is(err, store.ErrNoRun) { // there was no input
		return
	}
	if err == nil && dropped > 0 {
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
	now := j.IdentityNow()
	r.Verdict = gate.Decide(j.judging().policy, gate.Evidence{Report: r.Evidence, Stored: whole, Current: &now, Accepted: j.judging().accepted, At: time.Now()})
}

// endedRun reads the evidence on which a run that has ended is judged. One that has read its input
// to the end is about all of it. One that has stopped after a time, such as a night, is about the
// clean stretch, as the gate is; but if V2 was away in this time, it is about all of this time.
func (j *Job) endedRun(began time.Time) (s *evidence.Stretch, err error) {
	r, err := store.OpenReader(j.Evidence.Dir, j.Name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if j.Task.UntilEnd {
		return r.Whole(store.Query{})
	}
	if s, err = r.Stretch(store.Query{}); err != nil {
		return nil, err
	}
	own, err := r.Whole(store.Query{Since: began})
	if err != nil || s.From <= own.From {
		return s, err
	}
	return own, nil
}
