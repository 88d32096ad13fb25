package shadow

import (
	"fmt"
	"time"

	"parallax/shadow/candidate"
	"parallax/shadow/emission"
)

// Config are the runner's knobs.
type Config struct {
	Control   ControlConfig
	Candidate candidate.Config
	Commit    CommitPolicy
}

// CommitPolicy is the job file's `commit:`. It says when a transaction ends: after
// Interval, or earlier if it holds MaxRecords input records or MaxBytes of output.
type CommitPolicy struct {
	// Interval is the longest time between two commits while records arrive.
	Interval time.Duration `koanf:"interval"`
	// MaxRecords is the number of input records after which a transaction ends.
	MaxRecords int `koanf:"max_records"`
	// MaxBytes, in bytes, is the size of the output after which a transaction ends.
	MaxBytes int64 `koanf:"max_bytes" unit:"bytes"`
}

// DefaultCommit returns the defaults. On a real broker a transaction costs some 20 ms, a
// small one as much as a large one.
func DefaultCommit() CommitPolicy {
	return CommitPolicy{Interval: 100 * time.Millisecond, MaxRecords: 100_000, MaxBytes: 64 << 20}
}

// Validate names the field and the value that cannot be run.
func (c CommitPolicy) Validate() error {
	switch {
	case c.Interval <= 0:
		return fmt.Errorf("commit.interval: %v must be greater than 0", c.Interval)
	case c.MaxRecords <= 0:
		return fmt.Errorf("commit.max_records: %d must be greater than 0", c.MaxRecords)
	case c.MaxBytes <= 0:
		return fmt.Errorf("commit.max_bytes: %d must be greater than 0", c.MaxBytes)
	}
	return nil
}

func (c CommitPolicy) limits() emission.Limits {
	return emission.Limits{Interval: c.Interval, MaxRecords: c.MaxRecords, MaxBytes: c.MaxBytes}
}

// ControlConfig is the job file's `v1:`.
type ControlConfig struct {
	// OwnCore gives V1's thread a CPU of its own. Everything else in the process, V2 and
	// the Kafka client included, shares the other CPUs. Linux only. It is for jobs whose
	// latency matters more than that CPU's idle time.
	OwnCore bool `koanf:"own_core"`
}

// Validate names the field and the value that cannot be run.
func (c Config) Validate() error {
	if err := c.Commit.Validate(); err != nil {
		return err
	}
	return c.Candidate.Validate()
}
