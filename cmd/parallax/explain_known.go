package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// known is what the run recorded of the divergence; nil if there is no record of the run.
func (c *explainCommand) known(l *config.Loaded) (*diff.Signature, error) {
	switch {
	case c.Summary != "" && c.Evidence != "":
		return nil, errors.New("--summary and --evidence cannot be used together; remove one")
	case c.Summary != "":
		return c.inSummary()
	case c.Evidence != "":
		return c.inEvidence(c.Evidence, l.Job.Name)
	case c.Signature == "" || !l.Job.Evidence.Enabled:
		return nil, nil
	}
	s, err := c.inEvidence(l.EvidenceDir(), l.Job.Name)
	if errors.Is(err, errNoEvidence) { // a replay may show it all the same
		return nil, nil
	}
	return s, err
}

// errNoEvidence is that there is no stored evidence of a divergence.
var errNoEvidence = errors.New("there is no stored evidence")

// inSummary finds the divergence in a run's summary.
func (c *explainCommand) inSummary() (*diff.Signature, error) {
	text, err := os.ReadFile(c.Summary)
	if err != nil {
		return nil, fmt.Errorf("--summary: %w", err)
	}
	var run struct {
		Signatures []diff.Signature `json:"signatures"`
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return nil, fmt.Errorf("--summary %s: %w", c.Summary, row.JSONError(text, err))
	}
	for i := range run.Signatures {
		if s := &run.Signatures[i]; c.Signature == "" || s.ID == c.Signature {
			return s, nil
		}
	}
	if c.Signature == "" {
		return nil, fmt.Errorf("--summary %s: the run has no divergences", c.Summary)
	}
	return nil, fmt.Errorf("--summary %s: the run has no divergence %s", c.Summary, c.Signature)
}

// inEvidence finds the divergence in the stored evidence of the job's runs, the newest run
// first.
func (c *explainCommand) inEvidence(dir, job string) (found *diff.Signature, err error) {
	r, err := store.OpenReader(dir, job)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w of job %s in %s", errNoEvidence, job, dir)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	runs, err := r.Runs()
	if err != nil {
		return nil, err
	}
	for i := len(runs) - 1; i >= 0 && found == nil; i-- {
		err := r.Spans(store.Query{Run: runs[i].Run}, func(s *evidence.Span) error {
			for k := range s.Divergences {
				if d := &s.Divergences[k]; found == nil && (c.Signature == "" || d.Signature == c.Signature) {
					found = signatureOf(d)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w of divergence %s of job %s in %s", errNoEvidence, c.Signature, job, dir)
	}
	return found, nil
}

// signatureOf is a stored divergence as a summary has it.
func signatureOf(d *evidence.Divergence) *diff.Signature {
	s := &diff.Signature{ID: d.Signature, Class: d.Class, Topic: d.Topic, Columns: d.Columns, Count: d.Root + d.Cascade, Roots: d.Root}
	if d.Samples.First != nil {
		s.Example = d.Samples.First.Example
	}
	return s
}
