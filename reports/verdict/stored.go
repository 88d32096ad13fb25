package verdict

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// Stored says which stored evidence is judged, and by what.
type Stored struct {
	// Dir is the evidence directory, Job the job's name.
	Dir, Job string
	Query    store.Query
	Policy   gate.Policy
	Accepted []gate.Acceptance
	// Current identifies the present job; nil if the evidence may be of another V2 or query.
	Current *evidence.RunIdentity
	// Require is the level that a document without evidence names.
	Require diff.Level
	At      time.Time
}

// OnStored judges stored evidence. If there is none, the verdict is inconclusive, and why says so;
// a run that the query names must be there.
func OnStored(s Stored) (d Document, why, err error) {
	e, why, err := s.Evidence()
	if err != nil {
		return Document{}, nil, err
	}
	d, err = Make(s.Job, s.Policy, e)
	return d, why, err
}

// Evidence reads what is judged. If none is stored it is empty, and why says so; a run that the query
// names must be there.
func (s Stored) Evidence() (e gate.Evidence, why, err error) {
	e = gate.Evidence{At: s.At, Accepted: s.Accepted, Current: s.Current}
	e.Require = s.Require
	stretch, err := s.read()
	switch {
	case err == nil:
		e.Stored, e.Report = stretch, stretch.Report
	case s.Query.Run == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, store.ErrNoRun)):
		why = err
	default:
		return e, nil, err
	}
	return e, why, nil
}

func (s *Stored) read() (stretch *evidence.Stretch, err error) {
	r, err := store.OpenReader(s.Dir, s.Job)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return r.Stretch(s.Query)
}

// Remember stores a verdict on all evidence by the job's own policy: a run that had a pass is no
// failed attempt later. A verdict without evidence, or on evidence of another V2 or query, says
// nothing about a run, and is not stored.
func (d Document) Remember(dir, job string) error {
	isOther := slices.ContainsFunc(d.Rules, func(r gate.RuleResult) bool { return r.Name == "same_run" && r.State != gate.Pass })
	if d.Run == "" || isOther {
		return nil
	}
	return d.Store(dir, job)
}
