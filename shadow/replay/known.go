package replay

import (
	"errors"
	"fmt"
	"io/fs"

	"parallax/diff"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// ErrNoEvidence is that there is no stored evidence of a divergence.
var ErrNoEvidence = errors.New("there is no stored evidence")

// Known finds a divergence by its signature's id, "" for any, in the stored evidence of the
// job's runs, the newest run first, and returns what that run is.
func Known(dir, job, signature string) (found *diff.Signature, of evidence.RunIdentity, err error) {
	r, err := store.OpenReader(dir, job)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, of, fmt.Errorf("%w of job %s in %s", ErrNoEvidence, job, dir)
	}
	if err != nil {
		return nil, of, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	runs, err := r.Runs()
	if err != nil {
		return nil, of, err
	}
	for i := len(runs) - 1; i >= 0 && found == nil; i-- {
		err := r.Spans(store.Query{Run: runs[i].Run}, func(s *evidence.Span) error {
			for k := range s.Divergences {
				if d := &s.Divergences[k]; found == nil && (signature == "" || d.Signature == signature) {
					found, of = signatureOf(d), runs[i].RunIdentity
				}
			}
			return nil
		})
		if err != nil {
			return nil, of, err
		}
	}
	if found == nil {
		return nil, of, fmt.Errorf("%w of divergence %s of job %s in %s", ErrNoEvidence, signature, job, dir)
	}
	return found, of, nil
}

// signatureOf is a stored divergence as a summary has it.
func signatureOf(d *evidence.Divergence) *diff.Signature {
	s := &diff.Signature{ID: d.Signature, Class: d.Class, Topic: d.Topic, Columns: d.Columns, Count: d.Root + d.Cascade, Roots: d.Root}
	if d.Samples.First != nil {
		s.Example = d.Samples.First.Example
	}
	return s
}
