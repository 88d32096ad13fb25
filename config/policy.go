package config

import (
	"fmt"
	"os"

	"parallax/reports/gate"
)

// policyFile is a file with a policy: the section gate of a job file.
type policyFile struct {
	Gate gate.Policy `koanf:"gate"`
}

// LoadPolicy reads and validates a file with the one key gate. What it leaves out has the
// default, not what a job file says.
func LoadPolicy(path string) (gate.Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return gate.Policy{}, err
	}
	f := policyFile{Gate: gate.DefaultPolicy()}
	places, err := readInto(path, text, &f)
	if err != nil {
		return gate.Policy{}, err
	}
	if places.value("gate") == nil {
		return gate.Policy{}, fmt.Errorf("%s: it has no key gate", path)
	}
	if err := f.Gate.Validate(); err != nil {
		return gate.Policy{}, places.point(err)
	}
	return f.Gate, nil
}
