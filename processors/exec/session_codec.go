package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/state"
)

// codec writes a session's key, its first and last time, its largest event time, whether its
// row is shown, its folds, and, for those that add in input order, the addends from which they
// are computed.
func (s *session) codec(q *plan.Query) state.Codec {
	keys := typesOf(q.Aggregation.GroupBy)
	return &codec{
		id: sessionForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(sessionEntry)
			dst = form.AppendValues(dst, e.key)
			dst = form.AppendUint(form.AppendInt(dst, e.first), uint64(e.last-e.first))
			dst = s.intake.AppendForm(appendOwn(dst, &e.group), &e.group, e.tallies, (*aggregate.Fold).InOrder)
			for _, list := range e.doubles {
				dst = aggregate.AppendAddends(dst, list)
			}
			return dst
		},
		read: func(r *form.Reader) any {
			e := sessionEntry{key: r.Keys(keys), first: r.Int()}
			if e.last = e.first + r.Number(); e.last < e.first {
				r.Fail("the session ends beyond the end of time")
			}
			e.group = s.intake.readOwn(r)
			e.tallies = s.intake.ReadForm(r, &e.group, (*aggregate.Fold).InOrder)
			if len(s.doubles) > 0 {
				e.doubles = make([][]aggregate.Addend, len(s.doubles))
			}
			for i, f := range s.doubles {
				e.doubles[i] = aggregate.ReadAddends(r)
				s.intake.Folds[f].Again(&e.group, e.doubles[i])
			}
			return e
		},
	}
}
