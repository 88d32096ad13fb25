package explain

import (
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/shadow/redaction"
)

// BuildV2 builds a V2 for a plan.
type BuildV2 func(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error)

// Subject is the job whose divergence is explained. It is not modified.
type Subject struct {
	Job  string
	Plan *plan.Plan
	// Script is the script's text, and SinkTopic the topic of its bare SELECT, "" if it has none.
	Script    string
	SinkTopic string
	// Options are those of both sides and of the oracle.
	Options processors.Options
	// V2 is V2's configuration in the job, and NewV2 returns what builds V2 in one replay: a
	// V2 with a fault counts its records anew in each.
	V2    processors.Config
	NewV2 func() BuildV2
	// Fault is the name of the fault that NewV2 injects, "" for none.
	Fault string
	// Batch is the largest number of records of a batch in the job.
	Batch int
	// Require and Rules are those of the job's comparison.
	Require diff.Level
	Rules   []diff.Rule
	// Redaction replaces values of the smallest input before anything of it is shown or
	// written; nil for none.
	Redaction *redaction.Redaction
	// MaxFuture is the job's kafka.max_future.
	MaxFuture time.Duration
	// Deadline is how long V2 may take for a batch; 0 is 10 s.
	Deadline time.Duration
}

// deadline returns Deadline or its default.
func (s *Subject) deadline() time.Duration {
	if s.Deadline > 0 {
		return s.Deadline
	}
	return 10 * time.Second
}
