package job

import (
	"parallax/diff"
	"parallax/reports/gate"
)

// judging is what decides a verdict beside the evidence. It may change while the job runs.
type judging struct {
	policy   gate.Policy
	accepted []gate.Acceptance
}

// judging returns what decides now.
func (j *Job) judging() judging {
	if now := j.judgedBy.Load(); now != nil {
		return *now
	}
	return judging{j.Policy, j.Accepted}
}

// JudgeBy changes the policy and the acceptances of a job, also while it runs.
func (j *Job) JudgeBy(p gate.Policy, accepted []gate.Acceptance) {
	j.judgedBy.Store(&judging{p, accepted})
	j.live().verdicts.Renew()
}

// accepts reports whether a difference is accepted now: as often as its acceptance allows.
func (j *Job) accepts(s diff.Signature) bool { return acceptedOf(j.judging().accepted)(s) }
