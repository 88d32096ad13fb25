package diff

import "fmt"

// Config is the section diff of a job file.
type Config struct {
	// RequireLevel is the equivalence level that V2 must hold: E1, E2, E2w, E3, E3r or E4.
	// A difference that breaks it is a divergence.
	RequireLevel Level `koanf:"require_level"`
	// Rules are the differences that are tolerated.
	Rules []Rule `koanf:"rules"`
}

// DefaultConfig requires E3: emissions may repeat, values may not differ.
func DefaultConfig() Config { return Config{RequireLevel: E3} }

// whyNotRequired says why a level is only reported.
func whyNotRequired(l Level) string {
	switch l {
	case E0:
		return "a run has no files whose bytes could be compared"
	case E5:
		return "it says nothing about windows while they are open, when both paths emit them at the same frontiers"
	case E6:
		return "two paths that differed throughout the run can end with the same table"
	case Zs, Ze:
		return "it ignores the order of rows, which a run determines for both paths"
	}
	return "it is not a level"
}

// Validate returns an error that names the field and the value that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.RequireLevel < E4 || c.RequireLevel > E1:
		return fmt.Errorf("diff.require_level: %s cannot be required of a run, because %s; use E1, E2, E2w, E3, E3r or E4", c.RequireLevel, whyNotRequired(c.RequireLevel))
	}
	for i, r := range c.Rules {
		if err := r.Validate(); err != nil {
			return fmt.Errorf("diff.rules: rule %d: %w", i+1, err)
		}
	}
	return nil
}
