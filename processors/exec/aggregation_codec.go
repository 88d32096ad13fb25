package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// codec writes a group's key, the start of its window if it has one, its largest event time,
// whether its row is shown, and its folds.
func (a *aggregation) codec(q *plan.Query) state.Codec {
	keys := typesOf(q.Aggregation.GroupBy)
	return &codec{
		id: aggregationForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(*groupEntry)
			dst = form.AppendValues(dst, e.key)
			if a.window != nil {
				dst = form.AppendUint(dst, uint64(e.start))
			}
			return a.AppendForm(appendOwn(dst, &e.group), &e.group, e.tallies, nil)
		},
		read: func(r *form.Reader) any {
			e := &groupEntry{key: r.Keys(keys)} // without windows there is one, from 0 to 0
			if w := a.window; w != nil {
				if e.start = r.Number(); e.start%w.Advance != 0 {
					r.Fail("no window starts at %d", e.start)
				}
				e.end = row.AddTime(e.start, w.Size)
			}
			e.group = a.readOwn(r)
			e.tallies = a.ReadForm(r, &e.group, nil)
			return e
		},
	}
}

// appendOwn appends the words of a group that are not its aggregates'. The home partition is
// not among them: it is the entry's.
func appendOwn(dst []byte, s *aggregate.Group) []byte {
	return form.AppendBool(form.AppendInt(dst, int64(s.Words[timestampWord])), isShown(s))
}

// readOwn reads what appendOwn wrote into a group whose aggregates are empty.
func (a *aggregation) readOwn(r *form.Reader) aggregate.Group {
	s := aggregate.Group{Words: make([]uint64, a.Words)}
	if a.Texts > 0 {
		s.Texts = make([]string, a.Texts)
	}
	s.Words[timestampWord] = uint64(r.Int())
	setShown(&s, r.Bool())
	return s
}

func (h *hopping) codec(q *plan.Query) state.Codec { return h.intake.codec(q) }
