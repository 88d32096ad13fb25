package migration

import (
	"errors"
	"fmt"
	"time"

	"parallax/diff"
	"parallax/shadow/stage"
)

// Config is the job file's `migration:`.
type Config struct {
	// Plan is the steps from V1 to V2: stages, each with the least time in it. Without shadow as
	// its first step, the job may leave shadow as soon as the gate passes.
	Plan Plan `koanf:"plan"`
	// Stage is the stage in which the job begins at its very first start. Afterwards it goes on
	// in the stage that it was in, whatever the file says.
	Stage stage.Stage `koanf:"stage"`
	// Auto goes forward by itself as soon as the next step may be taken.
	Auto bool `koanf:"auto"`
	// Salt chooses the keys of a canary together with their hash. Empty is the job's name. Jobs
	// with the same salt choose the same keys.
	Salt string `koanf:"salt"`
	// MinRows is how many rows V2 must have emitted in a stage before the job leaves it forward.
	MinRows int64 `koanf:"min_rows"`
	// Patience is how long a step forward waits for V2 to finish what it has. When it is over,
	// the job stays in its stage.
	Patience time.Duration `koanf:"patience"`
	// Rollback says when the job goes back by itself.
	Rollback Rollback `koanf:"rollback"`
}

// Rollback is `migration.rollback:`.
type Rollback struct {
	// MaxFallbacks is how many fallback episodes the job may have in 10 minutes. In a fallback
	// episode V1's rows were emitted because V2 was late. After one more the job goes back.
	MaxFallbacks int `koanf:"max_fallbacks"`
	// Cooldown is how long the job stays in shadow after it went back by itself.
	Cooldown time.Duration `koanf:"cooldown"`
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	canary := func(percent float64, d time.Duration) Step {
		return Step{stage.Stage{Kind: stage.Canary, Percent: percent}, d}
	}
	return Config{
		Plan: Plan{
			canary(1, 10*time.Minute), canary(5, time.Hour), canary(25, 4*time.Hour),
			{stage.Stage{Kind: stage.Promoted}, 24 * time.Hour},
			{Stage: stage.Stage{Kind: stage.Done}},
		},
		MinRows: 1000, Patience: 30 * time.Second,
		Rollback: Rollback{MaxFallbacks: 3, Cooldown: time.Hour},
	}
}

// Validate names the field and the value that cannot be used.
func (c Config) Validate() error {
	if err := c.Plan.validate(); err != nil {
		return fmt.Errorf("migration.plan: %w", err)
	}
	switch {
	case c.Stage.Kind == stage.Done:
		return errors.New("migration.stage: a job cannot begin in done, because V2 takes over V1's state there; use shadow, canary:P or promoted")
	case c.MinRows < 0:
		return fmt.Errorf("migration.min_rows: %d must not be negative", c.MinRows)
	case c.Patience <= 0:
		return fmt.Errorf("migration.patience: %v must be greater than 0", c.Patience)
	case c.Rollback.MaxFallbacks < 0:
		return fmt.Errorf("migration.rollback.max_fallbacks: %d must not be negative", c.Rollback.MaxFallbacks)
	case c.Rollback.Cooldown < 0:
		return fmt.Errorf("migration.rollback.cooldown: %v must not be negative", c.Rollback.Cooldown)
	}
	return nil
}

// Canary is the job file's `canary:`. It applies to all stages in which V2's rows are compared
// before they are emitted: canary and promoted.
type Canary struct {
	// Wait is how long rows wait for V2 after V1 has finished a batch. When it is over, V1's rows
	// are emitted. auto is a quarter of v2.deadline, at most 10s.
	Wait Wait `koanf:"wait"`
	// Level is the level of equivalence at which rows are compared before they are emitted: E2,
	// the same rows in the same order for each key, or E1, the same rows in the same order. A
	// job with a migration requires this level where diff.require_level is not set.
	Level diff.Level `koanf:"level"`
}

// DefaultCanary returns the defaults.
func DefaultCanary() Canary { return Canary{Level: diff.E2} }

// Validate names the field and the value that cannot be used.
func (c Canary) Validate() error {
	if c.Level != diff.E2 && c.Level != diff.E1 {
		return fmt.Errorf("canary.level: %s must be E2 or E1", c.Level)
	}
	return nil
}

// Wait is a duration, or 0 for auto.
type Wait time.Duration

// Std is the duration as the standard library has it, 0 for auto.
func (w Wait) Std() time.Duration { return time.Duration(w) }

// String writes what UnmarshalText reads.
func (w Wait) String() string {
	if w == 0 {
		return "auto"
	}
	return time.Duration(w).String()
}

// MarshalText is String.
func (w Wait) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads auto or a duration above 0.
func (w *Wait) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*w = 0
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q must be auto, or a duration above 0 such as 500ms", text)
	}
	*w = Wait(d)
	return nil
}
