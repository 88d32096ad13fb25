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

// Validate returns an error that names the field and the value that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.RequireLevel < E4 || c.RequireLevel > E1:
		return fmt.Errorf("diff.require_level: %s cannot be required of a run; use E1, E2, E2w, E3, E3r or E4", c.RequireLevel)
	}
	for i, r := range c.Rules {
		if err := r.Validate(); err != nil {
			return fmt.Errorf("diff.rules: rule %d: %w", i+1, err)
		}
	}
	return nil
}
