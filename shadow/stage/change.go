package stage

import "time"

// Change is a change of stage: what the journal, the audit and the history record.
type Change struct {
	From Stage `json:"from"`
	To   Stage `json:"to"`
	// Step is the index of To in the migration's plan, -1 where it is not part of it.
	Step int       `json:"step"`
	At   time.Time `json:"at"`
	// Who asked for it: a person's name, or "parallax" for what the job does by itself.
	Who string `json:"who"`
	// Why is the reason, in words.
	Why string `json:"why"`
	// Cause is why the job went back by itself; "" for all other changes.
	Cause Cause `json:"cause,omitempty"`
	// Verdict is the ID of the verdict that allowed it; "" for changes that need none.
	Verdict string `json:"verdict,omitempty"`
	// Run is the run of the evidence that it begins, or continues.
	Run string `json:"run,omitempty"`
	// V2 and Fingerprint say what is proven: the candidate with its version, and the query with
	// the settings that its rows depend on. Another V2 or query has to prove everything again.
	V2          string `json:"v2,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	// IsForced says that the gate did not allow it.
	IsForced bool `json:"forced,omitempty"`
	// IsAutomatic says that the job changed the stage by itself.
	IsAutomatic bool `json:"automatic,omitempty"`
	// Strikes is how often the job went back by itself, this change included.
	Strikes int `json:"strikes"`
	// IsHeld says that the migration is held until a person releases it.
	IsHeld bool `json:"held,omitempty"`
	// Position is the number of input records before the change; -1 before it has taken effect.
	Position int64 `json:"position"`
}

// IsBack reports whether V2 emits less after it.
func (c Change) IsBack() bool { return c.To.IsBefore(c.From) }

// Cause is why a job goes back by itself. What has to happen before it may go forward again
// depends on it.
type Cause string

// The causes.
const (
	// Divergence is a root divergence that no rule and no acceptance allows.
	Divergence Cause = "divergence"
	// Detached is a V2 that failed, panicked, hung or fell behind.
	Detached Cause = "detached"
	// Blind is a comparison that missed a difference that was injected into it.
	Blind Cause = "sensitivity"
	// Fallbacks are more fallback episodes than the migration allows.
	Fallbacks Cause = "fallbacks"
	// Changed is a V2 or a query that is another one than before.
	Changed Cause = "changed"
)
