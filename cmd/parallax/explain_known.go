package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"parallax/config"
	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/replay"
)

// known is what the run recorded of the divergence; nil if there is no record of the run.
func (c *explainCommand) known(l *config.Loaded) (*diff.Signature, error) {
	switch {
	case c.Summary != "" && c.Evidence != "":
		return nil, errors.New("--summary and --evidence cannot be used together; remove one")
	case c.Summary != "":
		return c.inSummary()
	case c.Evidence != "":
		return replay.Known(c.Evidence, l.Job.Name, c.Signature)
	case c.Signature == "" || !l.Job.Evidence.Enabled:
		return nil, nil
	}
	s, err := replay.Known(l.EvidenceDir(), l.Job.Name, c.Signature)
	if errors.Is(err, replay.ErrNoEvidence) { // a replay may show it all the same
		return nil, nil
	}
	return s, err
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
