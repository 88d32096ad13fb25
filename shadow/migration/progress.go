package migration

import (
	"fmt"

	"parallax/diff"
	"parallax/shadow/stage"
)

// Progress is where a job's migration is and what it needs, for people and for the API.
type Progress struct {
	Job string
	stage.Status
	Plan   Plan
	IsAuto bool
	// Level is the level at which rows are compared before they are emitted.
	Level diff.Level
	// Run is the run of the evidence, "" before there is any. Control is the processor that the
	// job falls back to.
	Run, Control string
	// Waits says why the job does not run: the stage is then the last one that was stored, and a
	// change that committed just before a crash may be missing. "" while it runs.
	Waits string
	// Next is the next step forward; nil at the end of the plan, and for a job without a
	// migration.
	Next *Next
}

// Emits says whose rows are emitted now.
func (p Progress) Emits() string {
	if p.Waits != "" {
		return "nothing now: " + p.Waits + "; this is the last stage that was stored"
	}
	return Emits(p.Stage, p.Level)
}

// Emits says whose rows a stage emits.
func Emits(s stage.Stage, level diff.Level) string {
	switch s.Kind {
	case stage.Canary:
		return fmt.Sprintf("V1, V2 %v %% verified %s", s.Percent, level)
	case stage.Promoted:
		return fmt.Sprintf("V2 verified %s", level)
	case stage.Done:
		return "V2"
	}
	return "V1"
}
