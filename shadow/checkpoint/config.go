package checkpoint

import (
	"fmt"
	"time"
)

// Config is the job file's `state:`.
type Config struct {
	// Enabled writes checkpoints and goes on from them. `state: off` is the same as false.
	Enabled bool `koanf:"enabled"`
	// Dir is the directory of the checkpoints; its path is relative to the job file. Several
	// jobs may have the same one.
	Dir string `koanf:"dir"`
	// Interval is the time between two checkpoints: how much of the input is processed again
	// after a crash.
	Interval time.Duration `koanf:"interval"`
	// Keep is how many checkpoints are kept.
	Keep int `koanf:"keep"`
	// Rate is how many bytes a second are written, so that the disk stays free for others;
	// 0 is no limit. A checkpoint at the end of a run has no limit.
	Rate int64 `koanf:"rate" unit:"bytes"`
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Enabled: true, Dir: "./state", Interval: time.Minute, Keep: 2, Rate: 64 << 20}
}

// Validate names the field and the value that cannot be run.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return fmt.Errorf("state.dir: it is empty; name a directory, or write state: off")
	case c.Interval <= 0:
		return fmt.Errorf("state.interval: %v must be greater than 0; write state: off for no checkpoints", c.Interval)
	case c.Keep < 1:
		return fmt.Errorf("state.keep: %d must be at least 1", c.Keep)
	case c.Rate < 0:
		return fmt.Errorf("state.rate: %d must not be negative; 0 is no limit", c.Rate)
	}
	return nil
}
