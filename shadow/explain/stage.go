package explain

import (
	"context"
	"fmt"
	"slices"

	"parallax/diff"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Stage is the first stage of the plan whose rows differ.
type Stage struct {
	// Number counts from 1, of Stages.
	Number int    `json:"number"`
	Stages int    `json:"stages"`
	Name   string `json:"name"`
	// Does says what the stage does.
	Does string `json:"does"`
	// Differs are the classes of what differs in its rows; none if it is the only stage
	// that can be the one.
	Differs []diff.Class `json:"differs"`
}

// Text describes the stage for people.
func (s *Stage) Text() string {
	if s.Stages == 1 {
		return fmt.Sprintf("%s, the only stage (%s)", s.Name, s.Does)
	}
	return fmt.Sprintf("stage %d of %d: %s (%s)", s.Number, s.Stages, s.Name, s.Does)
}

// firstStage finds the first stage whose rows differ, by running V1 and V2 up to each stage.
// It returns nil if the rows of no stage differ on their own.
func (e *explainer) firstStage(ctx context.Context, records []row.Record, way Way) (*Stage, error) {
	p := e.subject.Plan
	before := e.stagesBefore()
	for k := range p.Stages {
		if !before[k] {
			continue
		}
		t := trial{subject: e.subject, plan: upTo(p, k), way: way}
		r, err := t.run(ctx, records)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			continue // V2 cannot run the plan up to this stage
		}
		if len(r.Signatures) == 0 {
			continue
		}
		s := &Stage{Number: k + 1, Stages: len(p.Stages), Name: p.Stages[k].Sink.Name, Does: does(p.Stages[k])}
		for _, sig := range r.Signatures {
			if !slices.Contains(s.Differs, sig.Class) {
				s.Differs = append(s.Differs, sig.Class)
			}
		}
		return s, nil
	}
	return nil, nil
}

// stagesBefore are the stages that the target's rows are made of: all if it has no topic.
func (e *explainer) stagesBefore() map[int]bool {
	stages := map[int]bool{}
	var add func(k int)
	add = func(k int) {
		if stages[k] {
			return
		}
		stages[k] = true
		for _, in := range e.subject.Plan.Stages[k].Inputs {
			if in.Stage >= 0 {
				add(in.Stage)
			}
		}
	}
	for _, q := range e.subject.Plan.Queries {
		if e.target.Topic == "" || e.target.Topic == q.Sink.Topic {
			add(q.Stage)
		}
	}
	return stages
}

// upTo is the plan whose one output is the rows of a stage.
func upTo(p *plan.Plan, k int) *plan.Plan {
	c := &plan.Plan{Sources: p.Sources}
	for i, q := range p.Stages[:k+1] {
		stage := *q
		stage.Index, stage.Hidden = 0, i < k
		if i == k {
			sink := *q.Sink
			if sink.Topic == "" {
				sink.Topic = sink.Name
			}
			stage.Sink = &sink
			c.Queries = []*plan.Query{&stage}
		}
		c.Stages = append(c.Stages, &stage)
	}
	return c
}

// does says what a stage does, in a few words.
func does(q *plan.Query) string {
	switch {
	case q.Limit != nil:
		return "LIMIT"
	case len(q.Joins) > 0:
		return "join"
	case q.Over != nil:
		return "OVER"
	case q.Aggregation != nil && q.Aggregation.Window != nil:
		return "GROUP BY in " + q.Aggregation.Window.Kind.String() + " windows"
	case q.Aggregation != nil:
		return "GROUP BY"
	case q.Distinct:
		return "SELECT DISTINCT"
	case q.Rekeyed:
		return "PARTITION BY"
	case q.Retain != nil:
		return "the rows of a table"
	}
	return "projection"
}
