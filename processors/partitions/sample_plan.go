package partitions

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/plan"
)

// sampleStage says how a V2 of a part of the keys runs a stage.
type sampleStage struct {
	*plan.Query
	// complete: the stage has no state, and takes all records. Otherwise it takes those of
	// the sampled keys.
	complete bool
	// root is the stage whose split key is the key of the sample. Stages that read its rows
	// have the same key.
	root *plan.Query
	// renumbered: the stage reads rows of sampled keys, so it has fewer of them than V1's,
	// and other positions.
	renumbered bool
}

// sampleTaker is one of those who read the records of a topic.
type sampleTaker struct {
	stage  int
	source int // of the plan
	// by is the key that selects the record; nil if all are taken.
	by []plan.Expr
	// later: the stage reads rows that another one makes of the topic's records, each of
	// its record alone. If by is nil, the row's key is not known from the record.
	later bool
	// counts: V2's partitions count the record there (see v2Query).
	counts bool
}

// samplePlan says which records each stage of a plan takes, if V2 processes a part of the
// keys.
type samplePlan struct {
	stages []sampleStage
	takers []sampleTaker // in the order of the stages
}

// newSamplePlan returns an ErrSample with the reason if the rows that V2 makes of some keys
// would not be the rows that V1 makes of them.
func newSamplePlan(p *plan.Plan) (*samplePlan, error) {
	s := &samplePlan{}
	isRead := map[int]bool{}
	for _, q := range p.Stages {
		for _, in := range q.Inputs {
			isRead[in.Stage] = true
		}
	}
	for _, q := range p.Stages {
		own, err := s.stage(q, isRead[q.Stage])
		if err != nil {
			return nil, fmt.Errorf("query %d (%s) %w: %w", q.Index, p.Queries[q.Index].Sink.Name, ErrSample, err)
		}
		s.stages = append(s.stages, own)
	}
	counted := map[int]bool{}
	for i := range s.stages {
		s.takers = append(s.takers, s.takersOf(i, counted)...)
	}
	return s, nil
}

// stage says how a stage is run, given the stages before it.
func (s *samplePlan) stage(q *plan.Query, isRead bool) (sampleStage, error) {
	own := sampleStage{Query: q, root: q}
	for side, source := range q.Sides() {
		before := s.before(q, source)
		if before == nil || before.complete {
			continue
		}
		if err := s.continues(q, side, before); err != nil {
			return own, err
		}
		own.root, own.renumbered = before.root, true
	}
	switch {
	case q.Split.Stateless && !own.renumbered && isRead:
		own.complete = true
		return own, nil
	case q.Split.Stateless && !own.renumbered:
		return own, errors.New("it has no state, so there is no key to choose records by")
	case !q.Split.Stateless && len(q.Split.By) == 0:
		return own, errors.New(q.Split.Reason)
	}
	if err := s.inTime(q); err != nil {
		return own, err
	}
	if !q.Hidden && !s.hasKey(&own) {
		return own, errors.New("its rows do not have the key that its records are split by")
	}
	return own, nil
}

// before is the stage whose rows a stage reads as a source, nil for a topic.
func (s *samplePlan) before(q *plan.Query, source int) *sampleStage {
	if q.Inputs == nil || q.Inputs[source].Stage < 0 || s.stages == nil {
		return nil
	}
	return &s.stages[q.Inputs[source].Stage]
}

// hasSplitKey reports whether a stage's rows have the split key of the records or rows that
// it reads.
func hasSplitKey(q *plan.Query) bool {
	return len(q.Key) > 0 && (&samplePlan{}).hasKey(&sampleStage{Query: q, root: q})
}

// by is the split key of one side of a stage.
func by(q *plan.Query, side int) []plan.Expr {
	if side > 0 {
		return q.Split.Right
	}
	return q.Split.By
}

// continues returns an error unless the side of a stage, which reads sampled rows, has the
// same key as these.
func (s *samplePlan) continues(q *plan.Query, side int, before *sampleStage) error {
	if readsOffset(q, side) {
		return fmt.Errorf("it reads ROWOFFSET of %s, which counts the rows of all keys", before.Sink.Name)
	}
	if q.Split.Stateless {
		return nil
	}
	own := by(q, side)
	if len(own) == 0 {
		return errors.New(q.Split.Reason)
	}
	parts := len(before.root.Split.By)
	for k, e := range own {
		if len(own) != parts || !s.carries(q, side, e, k) {
			return fmt.Errorf("%s is split by %s, and the rows of %s that it reads are split by %s: a record can be in the sample of one and not of the other", q.Sink.Name, texts(own), before.root.Sink.Name, texts(before.root.Split.By))
		}
	}
	return nil
}

func texts(list []plan.Expr) string {
	var all []string
	for _, e := range list {
		all = append(all, e.String())
	}
	return strings.Join(all, ", ")
}

// inTime returns an error if a stage's time is that of rows of which V2 has only a part.
func (s *samplePlan) inTime(q *plan.Query) error {
	if (q.Aggregation == nil || q.Aggregation.Window == nil) && !slices.ContainsFunc(q.Joins, func(j plan.Join) bool { return j.Within != nil }) {
		return nil
	}
	for _, stage := range q.Follows {
		if of := &s.stages[stage]; !of.complete {
			return fmt.Errorf("the time of its windows is that of the rows of %s, which V2 would not have of all keys", of.Sink.Name)
		}
	}
	return nil
}

// carries reports whether an expression over one side of a stage is a part of the sample's
// key: it is a column that the stage before made of it.
func (s *samplePlan) carries(q *plan.Query, side int, e plan.Expr, part int) bool {
	source := q.Sides()[side]
	before := s.before(q, source)
	c, ok := e.(*plan.Column)
	if !ok || before == nil || before.complete {
		return false
	}
	in := q.Inputs[source]
	at := in.Columns[c.Index]
	if at.Key >= 0 && at.Key < len(before.Key) && s.makes(before, before.Key[at.Key], part) {
		return true
	}
	// The row of a deletion has a key only.
	return at.Value >= 0 && !in.Rows.Table && s.makes(before, before.Items[at.Value], part)
}

// makes reports whether an expression of a stage's rows is a part of the sample's key.
func (s *samplePlan) makes(of *sampleStage, e plan.Expr, part int) bool {
	switch {
	case len(of.Joins) > 0:
		return s.joins(of, e, part)
	case of.Aggregation != nil:
		g, ok := e.(*plan.Group)
		return ok && s.reads(of, 0, of.Aggregation.GroupBy[g.Index], part)
	}
	return s.reads(of, 0, e, part)
}

// joins is makes for a stage that joins.
func (s *samplePlan) joins(of *sampleStage, e plan.Expr, part int) bool {
	c, ok := e.(*plan.Column)
	if !ok {
		return false
	}
	j := &of.Joins[0]
	if c.Index < len(j.Left) {
		return c.Index == part
	}
	made := j.Row[c.Index]
	left, right := j.Outer()
	switch { // a side without a row has NULL
	case made.Of == nil:
		return false
	case made.Side == plan.LeftSide:
		return !right && s.reads(of, 0, made.Of, part)
	case made.Side == plan.RightSide:
		return !left && s.reads(of, 1, made.Of, part)
	}
	return false
}

// reads reports whether an expression over one side of a stage is a part of the sample's
// key.
func (s *samplePlan) reads(of *sampleStage, side int, e plan.Expr, part int) bool {
	own := by(of.Query, side)
	return part < len(own) && plan.Same(e, own[part]) || s.carries(of.Query, side, e, part)
}

// hasKey reports whether the key of a stage's rows is the key of the sample.
func (s *samplePlan) hasKey(of *sampleStage) bool {
	if len(of.Key) != len(of.root.Split.By) {
		return false
	}
	for k, e := range of.Key {
		if !s.makes(of, e, k) {
			return false
		}
	}
	return true
}

// takersOf lists, for each side of a stage, how the records of a topic select it.
func (s *samplePlan) takersOf(stage int, counted map[int]bool) (list []sampleTaker) {
	of := &s.stages[stage]
	for side, source := range of.Sides() {
		own := sampleTaker{stage: stage, source: source}
		before := s.before(of.Query, source)
		switch {
		case before == nil:
			if of.Inputs != nil {
				own.source = of.Inputs[source].Source
			}
			own.counts = !counted[own.source]
			counted[own.source] = true
			if !of.complete {
				own.by = by(of.Query, side)
			}
		case before.complete && !of.complete:
			own.later = true
			own.source, own.by = s.origin(of.Query, source, by(of.Query, side))
		default:
			continue // rows of keys that were selected before
		}
		list = append(list, own)
	}
	return list
}

// origin is the topic whose records a stage without state, which another one reads, makes
// rows of, and the columns of these records that some columns of its rows are; nil if they
// are made in another way.
func (s *samplePlan) origin(q *plan.Query, source int, columns []plan.Expr) (topic int, origins []plan.Expr) {
	in := q.Inputs[source]
	of := s.stages[in.Stage].Query
	for _, e := range columns {
		var from plan.Expr
		if c, ok := e.(*plan.Column); ok {
			if at := in.Columns[c.Index]; at.Value >= 0 {
				from = of.Items[at.Value]
			} else if at.Key >= 0 {
				from = of.Key[at.Key]
			}
		}
		if c, ok := from.(*plan.Column); ok {
			origins = append(origins, c)
		}
	}
	if len(origins) < len(columns) {
		origins = nil
	}
	switch {
	case of.Inputs == nil:
		return of.Source, origins
	case of.Inputs[of.Source].Stage < 0:
		return of.Inputs[of.Source].Source, origins
	}
	topic, origins = s.origin(of, of.Source, origins)
	return topic, origins
}

// readsOffset reports whether a stage reads the offset of the rows of a side. Those of a
// stage before it are numbers of its rows.
func readsOffset(q *plan.Query, side int) bool {
	all := slices.Concat([]plan.Expr{q.Where}, q.Items, q.Key, q.Explode, by(q, side))
	if a := q.Aggregation; a != nil {
		all = append(append(all, a.Having), a.GroupBy...)
		for i := range a.Aggregates {
			all = append(all, a.Aggregates[i].Args...)
		}
	}
	if o := q.Over; o != nil {
		all = append(all, o.PartitionBy...)
		for i := range o.Calls {
			all = append(append(all, o.Calls[i].Arg, o.Calls[i].Default), o.Calls[i].Others...)
		}
	}
	for _, j := range q.Joins {
		for _, c := range j.Row {
			if c.Side == side {
				all = append(all, c.Of)
			}
		}
	}
	found := false
	var look func(plan.Expr) plan.Expr
	look = func(e plan.Expr) plan.Expr {
		if e == nil {
			return nil
		}
		if x, ok := e.(*plan.System); ok {
			found = found || x.Which == plan.RowOffset
			return e
		}
		return plan.Rebuild(e, look)
	}
	for _, e := range all {
		look(e)
	}
	return found
}
