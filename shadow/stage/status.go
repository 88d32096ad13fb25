package stage

import "time"

// Status is where a migration is.
type Status struct {
	Stage Stage
	// Step is the index of the stage in the migration's plan, -1 where it is not part of it.
	Step int
	// Since is when the stage began, Position the number of input records before it.
	Since    time.Time
	Position int64
	// Strikes is how often the job went back by itself since a person last released the
	// migration; IsHeld says that it is held until a person releases it.
	Strikes int
	IsHeld  bool
	// Last is the last change of stage; nil where there was none.
	Last *Change
	// Emission is what was emitted since the step began.
	Emission Emission
}

// Emission is what a verified stage emitted since its step began.
type Emission struct {
	// RowsOfV2 are the rows with V2's values that were emitted.
	RowsOfV2 int64
	// Fallbacks counts the episodes in which V1's rows were emitted because V2 did not finish
	// in time. FallbackTimes are the beginnings of the last ones, the oldest first.
	Fallbacks     int64
	FallbackTimes []time.Time
	// WaitP50 and WaitP99 are how long a batch's rows waited for V2 after V1 had finished.
	WaitP50, WaitP99 time.Duration
}

// Begun returns the status after a change that takes effect.
func (s Status) Begun(c Change) Status {
	return Status{Stage: c.To, Step: c.Step, Since: c.At, Position: c.Position, Strikes: c.Strikes, IsHeld: c.IsHeld, Last: &c}
}

// HasChangedSince reports whether a change has taken effect since an earlier status.
func (s Status) HasChangedSince(earlier Status) bool {
	if s.Last == nil || earlier.Last == nil {
		return s.Last != earlier.Last
	}
	return s.Stage != earlier.Stage || !s.Last.At.Equal(earlier.Last.At)
}
