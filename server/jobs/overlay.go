package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parallax/config"
	"parallax/diff"
	"parallax/reports/gate"
)

// Rules and acceptances that were adopted through the API are kept in the data folder: a
// folder of job files may be read-only, and is often in a repository that people review.

func (d data) rulesPath(name string) string { return filepath.Join(d.jobDir(name), "rules.yaml") }

func (d data) acceptedPath(name string) string {
	return config.AcceptedPath(filepath.Join(d.jobDir(name), "adopted.yaml"))
}

// rules returns the rules of a job that were adopted, none if there are none.
func (d data) rules(name string) ([]diff.Rule, error) {
	list, err := config.LoadRules(d.rulesPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}

// withRules adds the rules that were adopted to a job file that was read.
func (d data) withRules(l *config.Loaded) error {
	rules, err := d.rules(l.Job.Name)
	if len(rules) == 0 || err != nil {
		return err
	}
	path := d.rulesPath(l.Job.Name)
	return l.AddRules(path, rules)
}

// Accepted returns the accepted signatures of a job: those beside its file, and those that
// were adopted through the API, which replace the former.
func (s *Server) Accepted(l *config.Loaded) ([]gate.Acceptance, error) {
	list, err := config.LoadAccepted(config.AcceptedPath(l.Path))
	if err != nil {
		return nil, err
	}
	adopted, err := config.LoadAccepted(s.data.acceptedPath(l.Job.Name))
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if !hasSignature(adopted, a.Signature) {
			adopted = append(adopted, a)
		}
	}
	return adopted, nil
}

func hasSignature(list []gate.Acceptance, signature string) bool {
	for _, a := range list {
		if a.Signature == signature {
			return true
		}
	}
	return false
}

// Accept accepts a signature of a job. It is written beside the job file, as parallax accept
// does, or, where that cannot be written, into the data folder.
func (s *Server) Accept(name string, a gate.Acceptance) error {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	j, err := s.find(name)
	if err != nil {
		return err
	}
	l := j.Status().Spec.Loaded
	if _, err = config.Accept(config.AcceptedPath(l.Path), a); errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		path := s.data.acceptedPath(name)
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			_, err = config.Accept(path, a)
		}
	}
	if err != nil {
		return err
	}
	return s.patch(j, l)
}

// isReadOnly reports whether an error says that a file system is read-only.
func isReadOnly(err error) bool {
	return err != nil && strings.Contains(err.Error(), "read-only file system")
}

// AddRule adds a rule to those of a job, which begins a new run of its evidence.
func (s *Server) AddRule(name string, r diff.Rule) error {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	j, err := s.find(name)
	if err != nil {
		return err
	}
	rules, err := s.data.rules(name)
	if err != nil {
		return err
	}
	text, err := config.RuleFile(append(rules, r))
	if err != nil {
		return err
	}
	old := j.Status().Spec
	if err := s.data.write(s.data.rulesPath(name), text); err != nil {
		return err
	}
	spec, err := s.reread(old)
	if err != nil {
		return fmt.Errorf("the rule was kept, and the job file cannot be read again: %w", err)
	}
	return s.change(j, spec)
}

// reread makes a spec again of the file that is in force, with the rules as they are now.
func (s *Server) reread(old Spec) (Spec, error) {
	return s.read(old.Loaded.Path, old.File, []byte(old.Loaded.Text()), nil)
}
