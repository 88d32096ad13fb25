package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/replay"
)

// known is what the run recorded of the divergence; nil if there is no record of the run.
// otherV2 says that the recorded V2 is not the one that is replayed, "" if it is, or if that is not
// known.
func (c *explainCommand) known(l *config.Loaded) (s *diff.Signature, otherV2 string, err error) {
	var run evidence.RunIdentity
	switch {
	case c.Summary != "" && c.Evidence != "":
		return nil, "", errors.New("--summary and --evidence cannot be used together; remove one")
	case c.Summary != "":
		s, err = c.inSummary()
		return s, "", err
	case c.Evidence != "":
		s, run, err = replay.Known(c.Evidence, l.Job.Name, c.Signature)
	case c.Signature == "" || !l.Job.Evidence.Enabled:
		return nil, "", nil
	default:
		s, run, err = replay.Known(l.EvidenceDir(), l.Job.Name, c.Signature)
		if errors.Is(err, replay.ErrNoEvidence) { // a replay may show it all the same
			return nil, "", nil
		}
	}
	if err != nil {
		return nil, "", err
	}
	now, err := job.IdentityOf(l, thisProgram())
	if err == nil && now.V2 != run.V2 {
		otherV2 = fmt.Sprintf("the evidence is of %s, and the replay runs %s", run.V2, now.V2)
	}
	return s, otherV2, err
}

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
