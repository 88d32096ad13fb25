package resourcetest

import (
	"parallax/server/resource"
)

// OfCommand is a server whose only job belongs to a command.
type OfCommand struct {
	*Service
	Command string
}

var _ resource.Limited = OfCommand{}

// BelongsTo returns the command.
func (s OfCommand) BelongsTo() string { return s.Command }

// AddDifference adds a signature to a job, with its stored samples.
func (s *Service) AddDifference(name string, sig resource.Signature, samples ...resource.Divergence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[name]
	j.signatures = append(j.signatures, sig)
	j.divergences = append(samples, j.divergences...)
}

// UpdateDetails changes what a job's page shows beside.
func (s *Service) UpdateDetails(name string, change func(*resource.Details)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.jobs[name].details)
}
