package faults

import (
	"context"
	"slices"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Faults of V2's state, which its rows show late or never. A checkpoint shows them.

// newSessionTwice keeps the last session of the state twice, before each batch that the fault
// strikes.
func newSessionTwice(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	isSession := func(q *plan.Query) bool {
		return q.Aggregation != nil && q.Aggregation.Window != nil && q.Aggregation.Window.Kind == plan.Session
	}
	return newChangedState(f, cfg, p, opt, isSession, func(entries []state.Entry) []state.Entry {
		return append(entries, entries[len(entries)-1])
	})
}

// newJoinForgets forgets the last key of the state of a join, before each batch that the fault
// strikes.
func newJoinForgets(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	isJoin := func(q *plan.Query) bool { return len(q.Joins) > 0 }
	return newChangedState(f, cfg, p, opt, isJoin, func(entries []state.Entry) []state.Entry {
		return entries[:len(entries)-1]
	})
}

// newChangedState is a V2 whose entries of some stages are changed between two batches, where
// there are any.
func newChangedState(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options, of func(*plan.Query) bool, change func([]state.Entry) []state.Entry) (processors.Processor, error) {
	return newRestarted(f, cfg, p, opt, func(s *span, v2 *partitions.V2, b *row.Batch) error {
		if !s.strikesAny(b) {
			return nil
		}
		now, err := v2.Snapshot()
		if err != nil {
			return err
		}
		changed := false
		for i, q := range p.Stages {
			if of(q) && len(now.Queries[i]) > 0 {
				now.Queries[i], changed = change(slices.Clone(now.Queries[i])), true
			}
		}
		if !changed {
			return nil
		}
		s.acted()
		return v2.Restore(now)
	})
}

// expiredStays is a V2 that keeps an entry that it should have dropped, for good. It does not look
// at it again.
type expiredStays struct {
	restarted
	describers []state.Describer
	// before is an earlier state, of size entries, since which so many batches were taken; nil
	// where no entry is looked for. Looking takes as long as the state is large, so it is done
	// once in so many batches.
	before      *state.Snapshot
	size, since int
	stage       int
	kept        []state.Entry // of that stage
}

func newExpiredStays(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	describers, err := exec.Describers(p)
	if err != nil {
		return nil, err
	}
	e := &expiredStays{restarted: restarted{v2: v2, span: f.newSpan(cfg.Count())}, describers: describers}
	e.between = func(v2 *partitions.V2, b *row.Batch) error {
		if !e.isDue() || len(e.kept) > 0 || !e.span.strikesAny(b) {
			return nil
		}
		now, err := v2.Snapshot()
		if err == nil {
			e.look(now)
		}
		return err
	}
	return e, nil
}

func (e *expiredStays) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o, err := e.restarted.Process(ctx, b)
	if err == nil && b.Flush() {
		_, err = e.Snapshot()
	}
	return o, err
}

// isDue counts a batch, and reports whether so many were taken since the earlier state that it is
// time to look at all entries again.
func (e *expiredStays) isDue() bool {
	e.since++
	return e.before == nil || e.since >= e.size
}

// look keeps the first entry of the earlier state that is no longer there. If there is none, the
// state of now is the one that later ones are compared with.
func (e *expiredStays) look(now *state.Snapshot) {
	for i := range now.Queries {
		there := map[string]bool{}
		for _, entry := range now.Queries[i] {
			key, _ := e.describers[i].Describe(entry)
			there[key] = true
		}
		if e.before == nil {
			continue
		}
		for _, entry := range e.before.Queries[i] {
			if key, _ := e.describers[i].Describe(entry); len(e.kept) == 0 && !there[key] {
				e.stage, e.kept = i, []state.Entry{entry}
				e.span.acted()
			}
		}
	}
	e.before, e.size, e.since = now, 0, 0
	for _, entries := range now.Queries {
		e.size += len(entries)
	}
	if len(e.kept) > 0 {
		e.before = nil
	}
}

// Snapshot is V2's, with the entry that stays.
func (e *expiredStays) Snapshot() (*state.Snapshot, error) {
	s, err := e.v2.Snapshot()
	if err == nil && len(e.kept) == 0 && e.before != nil {
		e.look(s)
	}
	if err == nil && len(e.kept) > 0 {
		s.Queries[e.stage] = append(s.Queries[e.stage], e.kept...)
	}
	return s, err
}

// updateLost loses the first record of each struck batch. Which one that is depends on the
// batch alone, not on which partition comes to it first.
func updateLost(s *span) inside {
	return inside{swallowed: true, hooks: partitions.Hooks{
		View: func(_, _ int, b *row.Batch, mine []int32) *row.Batch {
			lost := slices.Index(mine, firstStruck(s, b))
			if lost < 0 {
				return b
			}
			s.acted()
			return seen(b, len(s.plan.Sources), func(records []row.Record) { records[mine[lost]].State = row.Undecodable })
		},
	}}
}

// firstStruck returns the index of the first record of a batch that a fault strikes and that V2
// can use, -1 if there is none.
func firstStruck(s *span, b *row.Batch) int32 {
	for i := range int32(b.Len()) {
		if s.strikes(b.First+int64(i)) && b.Record(int(i)).State != row.Undecodable {
			return i
		}
	}
	return -1
}
