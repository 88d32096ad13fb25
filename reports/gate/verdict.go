package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/shadow/evidence"
)

// Evidence is the input of a verdict.
type Evidence struct {
	// Report contains the results of the run.
	evidence.Report
	// At is the time of the judgement: evidence, rules and acceptances expire.
	At time.Time
	// Stored is the stretch of stored evidence that Report is of. It is nil for a run that is
	// judged by the process that ran it.
	Stored *evidence.Stretch
	// Current identifies the present job, without a run; other evidence does not count. It is nil if that is not
	// known.
	Current *evidence.RunIdentity
	// Accepted are the differences that are intended.
	Accepted []Acceptance
}

// State is the result of a verdict.
type State string

// The states. Without any evidence the state is Inconclusive.
const (
	Pass         State = "pass"
	Fail         State = "fail"
	Inconclusive State = "inconclusive"
	Error        State = "error"
)

// Code is the state's exit code.
func (s State) Code() int {
	switch s {
	case Pass:
		return 0
	case Fail:
		return 1
	case Error:
		return 2
	}
	return 3
}

// Verdict says whether V2 may replace V1, with the reasons.
type Verdict struct {
	State  State
	Reason string
	// Slow: only the performance gate failed.
	Slow bool
	// Missing are the requirements for a pass that are not met yet, one sentence each.
	Missing []string
	// Rules are the results of all rules.
	Rules []RuleResult
	// Accepted are the acceptances and what they were applied to.
	Accepted []AcceptedSignature
	// Confidence is gate.confidence, raised if the run is a repetition.
	Confidence float64
}

// RuleResult is the result of one rule.
type RuleResult struct {
	// Number is the rule's number in docs/GATE.md; 0 for rules about the tool and speed.
	Number int    `json:"number"`
	Name   string `json:"name"`
	// Wants says what the rule requires.
	Wants string `json:"wants"`
	State State  `json:"state"`
	// Reason is "" if the rule holds.
	Reason string `json:"reason,omitempty"`
	// Lacks are the amounts that are missing, with estimates.
	Lacks []Lack `json:"lacks,omitempty"`
}

// Code is the verdict's exit code: the state's, or the one for a correct V2 that is too
// slow.
func (v Verdict) Code() int {
	if v.Slow {
		return 4
	}
	return v.State.Code()
}

// Decide applies every rule.
func Decide(p Policy, e Evidence) Verdict {
	p = p.forRetries(e)
	v := Verdict{State: Pass, Accepted: acceptances(e), Confidence: p.Confidence}
	var reasons []string
	for _, r := range rules {
		found := r.check(p, e)
		result := RuleResult{Number: r.number, Name: r.name, Wants: r.wants, State: Pass}
		if len(found) > 0 {
			result.State = r.state
			result.Reason, result.Lacks = joined(found)
			isSaid := slices.ContainsFunc(found, func(f finding) bool { return f.isSaid })
			v.broken(result, isSaid)
			if v.State == result.State && !isSaid {
				reasons = append(reasons, result.Reason)
			}
		}
		v.Rules = append(v.Rules, result)
	}
	if v.State == Pass {
		v.judgeSpeed(p, e)
		if v.Slow {
			return v
		}
		reasons = append(reasons, holding(p, e)...)
	}
	v.Reason = strings.Join(reasons, "; ")
	return v
}

// broken notes the result of a rule that does not hold. The first one in their order decides.
// isSaid: another rule says what is missing.
func (v *Verdict) broken(r RuleResult, isSaid bool) {
	if v.State == Pass {
		v.State = r.State
	}
	if r.State == Inconclusive && !isSaid {
		v.Missing = append(v.Missing, r.Reason)
	}
}

// judgeSpeed applies the performance gate to a V2 that is right.
func (v *Verdict) judgeSpeed(p Policy, e Evidence) {
	slow := tooSlow(p, e)
	if slow == "" {
		return
	}
	v.State, v.Slow, v.Reason = Fail, true, slow
	speed := &v.Rules[len(v.Rules)-1]
	speed.State, speed.Reason = Fail, slow
}

// holding are the reasons of a pass.
func holding(p Policy, e Evidence) []string {
	reasons := []string{held(p, e)}
	if hidden, rows := toleratedRows(e); hidden > 0 {
		reasons = append(reasons, fmt.Sprintf("rules tolerated differences in %s of %s rows", Thousands(hidden), Thousands(rows)))
	}
	if n := withoutAccepted(e).accepted; n > 0 {
		reasons = append(reasons, fmt.Sprintf("%s %s as intended", pluralOf(n, "divergence was", "divergences were"), "accepted"))
	}
	if before := foundBefore(e); before != "" {
		reasons = append(reasons, before)
	}
	if fast := fastEnough(p, e); fast != "" {
		reasons = append(reasons, fast)
	}
	return reasons
}
