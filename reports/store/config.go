package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Config is the job file's `evidence:`.
type Config struct {
	// Enabled stores the evidence of the job's runs. `evidence: off` is the same as false.
	Enabled bool `koanf:"enabled"`
	// Dir is the directory of the stores; its path is relative to the job file. Several jobs may
	// have the same one.
	Dir string `koanf:"dir"`
	// Keep is how long the detail of evidence is kept: a number of days, such as 90d, or a
	// duration. Counts are kept for ever.
	Keep Period `koanf:"keep"`
	// MaxSize is how large the store of a job may become. When it is reached, samples go
	// first, then the spans of each hour become one.
	MaxSize int64 `koanf:"max_size" unit:"bytes"`
	// Redact are columns, each written topic.column, of outputs or sources. Their values are
	// replaced by keyed hashes in evidence, reports, logs and explanations.
	Redact []string `koanf:"redact"`
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{Enabled: true, Dir: "./evidence", Keep: Period(90 * 24 * time.Hour), MaxSize: 1 << 30}
}

// Validate names the field and the value that cannot be used.
func (c Config) Validate() error {
	const smallest = 1 << 20
	switch {
	case c.Dir == "":
		return fmt.Errorf("evidence.dir: it is empty; name a directory, or write evidence: off")
	case c.Keep <= 0:
		return fmt.Errorf("evidence.keep: %v must be greater than 0", c.Keep)
	case c.MaxSize < smallest:
		return fmt.Errorf("evidence.max_size: %d must be at least 1MiB", c.MaxSize)
	}
	for _, column := range c.Redact {
		if i := strings.LastIndexByte(column, '.'); i <= 0 || i == len(column)-1 {
			return fmt.Errorf("evidence.redact: %q is not a column; write topic.column", column)
		}
	}
	return nil
}

// Period is a duration that may be written in days.
type Period time.Duration

// Std is the period as the standard library has it.
func (p Period) Std() time.Duration { return time.Duration(p) }

// String writes whole days as days.
func (p Period) String() string {
	const day = Period(24 * time.Hour)
	if p > 0 && p%day == 0 {
		return strconv.FormatInt(int64(p/day), 10) + "d"
	}
	return time.Duration(p).String()
}

// MarshalText is String.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a number of days, such as 90d, or a duration, such as 36h.
func (p *Period) UnmarshalText(text []byte) error {
	if digits, isDays := strings.CutSuffix(string(text), "d"); isDays {
		if n, err := strconv.Atoi(digits); err == nil && n >= 0 && n < 100_000 {
			*p = Period(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("invalid period %q; write a number of days, such as 90d, or a duration, such as 36h", text)
	}
	*p = Period(d)
	return nil
}
