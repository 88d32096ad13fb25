package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"slices"

	"parallax/config"
	"parallax/reports/gate"
	"parallax/shadow/job"
)

// Run is a job that runs once. *job.Job is one.
type Run interface {
	// Run runs it until it ends or ctx does, which is a request for a clean stop.
	Run(ctx context.Context) (*job.Result, error)
	// Ready returns nil while it processes records, else why it does not.
	Ready() error
}

// Loader makes a run of a job file that was read, with the signatures that are accepted.
type Loader func(l *config.Loaded, accepted []gate.Acceptance) (Run, error)

// FromAPI is the File of a job whose file was deployed through the API.
const FromAPI = "api"

// Spec is what a job is made of.
type Spec struct {
	Name string
	// File is the path of the job file, or FromAPI.
	File   string
	Digest string
	Loaded *config.Loaded
}

// read reads and checks a job file. path is its name in errors, and relative paths in it are
// relative to path. allow, if it is not nil, may refuse it before anything that it names is read.
func (s *Server) read(path, file string, text []byte, allow func(*config.Job) error) (Spec, error) {
	l, err := config.Parse(path, text, nil)
	if err == nil && allow != nil {
		err = allow(&l.Job)
	}
	if err == nil {
		err = s.data.withRules(l)
	}
	if err != nil {
		return Spec{}, err
	}
	if _, err := job.Compile(l); err != nil {
		return Spec{}, err
	}
	rules, err := os.ReadFile(s.data.rulesPath(l.Job.Name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Spec{}, err
	}
	return Spec{Name: l.Job.Name, File: file, Digest: digestOf(append(slices.Clip(text), rules...)), Loaded: l}, nil
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
