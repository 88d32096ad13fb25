package resource

import (
	"time"

	"parallax/diff"
	"parallax/shadow/stage"
)

// Stage is where a job's migration is.
type Stage struct {
	Job   string      `json:"job"`
	Stage stage.Stage `json:"stage"`
	// Step is the index in Plan, -1 if the stage is not part of it.
	Step int        `json:"step"`
	Plan []PlanStep `json:"plan"`
	// Since is when the stage, or its step, began.
	Since time.Time `json:"since"`
	Run   string    `json:"run"`
	// Control is the processor that the job falls back to.
	Control string `json:"control"`
	// Emits says in words whose rows go out. Level is the level at which V2's rows are compared
	// before they are emitted; null for a job without a migration.
	Emits   string      `json:"emits"`
	Level   *diff.Level `json:"level"`
	Held    bool        `json:"held"`
	Strikes int         `json:"strikes"`
	IsAuto  bool        `json:"auto"`
	// Next is the step forward; null at the end of the plan.
	Next *NextStage `json:"next"`
	// Last is the newest change; null if there was none.
	Last *stage.Change `json:"last"`
}

// PlanStep is a step of a migration's plan.
type PlanStep struct {
	Stage   stage.Stage   `json:"stage"`
	MinTime time.Duration `json:"min_time_ns"`
}

// NextStage is the step forward, and what it still needs.
type NextStage struct {
	Stage stage.Stage `json:"stage"`
	// At is when it may be reached at the earliest by min_time or cooldown.
	At time.Time `json:"at"`
	// Waits says what At waits for; "" if that is over.
	Waits string `json:"waits,omitempty"`
	// Missing says what is missing, the most important first, Waits included; empty if the step
	// may be taken now.
	Missing []string `json:"missing"`
	// IsFail says that it is a failure that is in the way, not a lack of evidence.
	IsFail bool `json:"fail"`
	// ETASeconds estimates when what is missing will be there; null if that is not known.
	ETASeconds *float64 `json:"eta_s"`
}

// StageRequest asks for another stage.
type StageRequest struct {
	// To is a stage, or next, back or release.
	To     string `json:"to"`
	Reason string `json:"reason"`
	Force  bool   `json:"force"`
}

// The words that a StageRequest understands beside stages.
const (
	Next    = "next"
	Back    = "back"
	Release = "release"
)

// Needs returns the role that the request needs of a job in a stage: back is for operators,
// everything else, and force, for who deploys.
func (r StageRequest) Needs(now stage.Stage) (Role, error) {
	isBack := r.To == Back
	if r.To != Next && r.To != Back && r.To != Release {
		to, err := stage.Parse(r.To)
		if err != nil {
			return "", NewProblem(400, "invalid stage", "to: "+err.Error(), "or set it to next, back or release")
		}
		isBack = to.IsBefore(now)
	}
	if isBack && !r.Force {
		return Operate, nil
	}
	return Deploy, nil
}

// StageChange is a change of stage in the history.
type StageChange = stage.Change
