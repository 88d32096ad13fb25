package processors

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"parallax/processors/route"
)

// Architecture is the first word of a configuration string: the kind of processor.
type Architecture string

// The architectures. Oracle and Off are accepted only where a command or a job file
// allows them.
const (
	ArchitectureV1     Architecture = "v1"
	ArchitectureV2     Architecture = "v2"
	ArchitectureOracle Architecture = "oracle"
	ArchitectureOff    Architecture = "off"
)

const (
	// MaxPartitions is the largest N of v2:N; a larger number is taken for a typing error.
	MaxPartitions = 1024
	// fallbackPartitions is used where the number of CPUs cannot be determined.
	fallbackPartitions = 8
)

// ErrConfig is the error of every configuration string that is refused.
var ErrConfig = errors.New("invalid processor")

// Config says which processor runs, and how V2 is partitioned. The zero value selects no
// processor. Config is comparable, and its text is the configuration string.
type Config struct {
	Architecture Architecture
	// Partitions is V2's N; 0 stands for the number of CPUs (see Count).
	Partitions int
	// Affinity pins each of V2's partitions to a CPU. Linux only.
	Affinity bool
	// Strategy is how V2 routes; "" is auto. The configuration string does not include it.
	Strategy route.Strategy
	// ForceStrategy uses Strategy even if it would split a query's state. The
	// configuration string does not include it.
	ForceStrategy bool
}

// ParseConfig parses a configuration string: v1, v2, v2:N, v2:affinity or
// v2:N:affinity, and those of also (oracle, off) that the caller allows. It ignores
// white space around the string, and case. For any other string it returns an ErrConfig
// that quotes the string and lists the valid forms.
func ParseConfig(text string, also ...Architecture) (Config, error) {
	word := strings.ToLower(strings.TrimSpace(text))
	for _, a := range also {
		if word == string(a) {
			return Config{Architecture: a}, nil
		}
	}
	name, rest, more := strings.Cut(word, ":")
	switch {
	case name == string(ArchitectureV1) && !more:
		return Config{Architecture: ArchitectureV1}, nil
	case name == string(ArchitectureV2) && !more:
		return Config{Architecture: ArchitectureV2}, nil
	case name != string(ArchitectureV2):
		return Config{}, refuse(text, "", also)
	}
	c := Config{Architecture: ArchitectureV2}
	if rest == "affinity" {
		c.Affinity = true
		return c, nil
	}
	number, option, more := strings.Cut(rest, ":")
	if more && option != "affinity" {
		return Config{}, refuse(text, fmt.Sprintf("%q is not an option of v2", option), also)
	}
	n, ok := parsePartitions(number)
	if !ok {
		return Config{}, refuse(text, fmt.Sprintf("%q is not a number of partitions from 1 to %d", number, MaxPartitions), also)
	}
	c.Partitions, c.Affinity = n, more
	return c, nil
}

// parsePartitions accepts plain digits only: no sign, no leading zero.
func parsePartitions(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= MaxPartitions && strconv.Itoa(n) == text
}

func refuse(text, why string, also []Architecture) error {
	forms := []string{"v1", "v2", "v2:N", "v2:affinity", "v2:N:affinity"}
	for _, a := range also {
		forms = append(forms, string(a))
	}
	if why != "" {
		why += "; "
	}
	return fmt.Errorf("%w: %q (%swrite one of %s)", ErrConfig, text, why, strings.Join(forms, ", "))
}

// String returns the canonical configuration string, which ParseConfig accepts.
func (c Config) String() string {
	text := string(c.Architecture)
	if c.Partitions != 0 {
		text += ":" + strconv.Itoa(c.Partitions)
	}
	if c.Affinity {
		text += ":affinity"
	}
	return text
}

// MarshalText returns the canonical configuration string.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText parses a configuration string, oracle and off included; a caller that
// does not allow those rejects them when it validates. Strategy does not change.
func (c *Config) UnmarshalText(text []byte) error {
	parsed, err := ParseConfig(string(text), ArchitectureOracle, ArchitectureOff)
	if err != nil {
		return err
	}
	parsed.Strategy, parsed.ForceStrategy = c.Strategy, c.ForceStrategy
	*c = parsed
	return nil
}

// Count returns the number of partitions that this configuration runs with on this
// machine: 1 for anything but V2; for V2 its N, else the number of CPUs that the process
// may use, else 8.
func (c Config) Count() int {
	switch {
	case c.Architecture != ArchitectureV2:
		return 1
	case c.Partitions > 0:
		return c.Partitions
	}
	return partitionsFor(runtime.GOMAXPROCS(0))
}

// partitionsFor returns the default N for a number of CPUs.
func partitionsFor(cpus int) int {
	if cpus < 1 {
		return fallbackPartitions
	}
	return min(cpus, MaxPartitions)
}
