package shadow

import (
	"errors"
	"fmt"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/arm"
	"parallax/shadow/candidate"
	"parallax/shadow/stage"
	"parallax/shadow/throughput"
)

// The runner has two roles. The control is what the job falls back to: its rows are
// emitted, and the run ends if it fails. The candidate is compared with it, and can do it
// no harm. Which implementation has which role is the job's choice (Job.Control, Job.Candidate). In
// logs, summaries, metrics and job files the control is called V1 and the candidate V2,
// which are also the sides of package diff.
const candidateSide = diff.V2

// admit notes what the arm in a role gives. It is an error if the job requires a level
// that cannot be shown then.
func (r *Runner) admit(path int, gives processors.Capabilities, d processors.Description) error {
	name := fmt.Sprintf("V%d (%s)", path+1, d.Name)
	if err := arm.Check(name, gives, r.job.RequireLevel); err != nil {
		return err
	}
	if limits := arm.Limits(gives); limits != "" {
		r.job.Log.Warn("not everything can be compared", "processor", name, "why", limits)
	}
	r.gives[path] = gives
	return nil
}

// admitCandidate notes what the candidate gives and returns its description, empty where it
// has none to give.
func (r *Runner) admitCandidate(p processors.Processor) (processors.Description, error) {
	gives, ok := candidate.Ask(func() processors.Capabilities { return processors.CapabilitiesOf(p) })
	if !ok {
		return processors.Description{}, errors.New("V2 does not say what it gives: its Capabilities method failed or did not return; correct V2")
	}
	d, _ := candidate.Ask(p.Describe)
	return d, r.admit(throughput.Candidate, gives, d)
}

// admittedLike is build for an arm that takes the candidate's place: one that gives less
// is an error.
func (r *Runner) admittedLike(build builder) builder {
	return func() (processors.Processor, error) {
		p, err := build()
		if err != nil {
			return nil, err
		}
		if err := arm.Lost(r.gives[throughput.Candidate], processors.CapabilitiesOf(p)); err != nil {
			_ = p.Close()
			return nil, err
		}
		return p, nil
	}
}

// highestLevel is the highest level that can be shown of both arms.
func (r *Runner) highestLevel() diff.Level {
	return min(arm.HighestLevel(r.gives[throughput.Control]), arm.HighestLevel(r.gives[throughput.Candidate]))
}

// handover checks what the arm in a role hands over.
func (r *Runner) handover(path int) *arm.Handover {
	return arm.NewHandover(r.job.Sinks, r.job.Sample != nil, r.gives[path])
}

// isAlone reports whether V2 is the control, and there is no candidate. It is called by the
// runner's goroutine.
func (r *Runner) isAlone() bool { return r.migration.isAlone }

// authority is the path whose state is the job's, for messages.
func (r *Runner) authority() string {
	if r.isAlone() {
		return "V2"
	}
	return "V1"
}

// authority returns what builds the control in a stage.
func (j *Job) authority(s stage.Stage) builder {
	if s.Kind == stage.Done {
		return j.Candidate
	}
	return j.Control
}
