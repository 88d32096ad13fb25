package exec

import (
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/state"
)

// codec writes the primary key of a row that is shown.
func (c *current) codec(q *plan.Query) state.Codec {
	keys := typesOf(q.Retain.Key)
	return &codec{
		id:     currentForm,
		append: func(dst []byte, saved any) []byte { return form.AppendValues(dst, saved.(shownEntry).key) },
		read:   func(r *form.Reader) any { return shownEntry{r.Keys(keys)} },
	}
}

// codec writes a row's primary key, its position and its items.
func (r *replaced) codec(q *plan.Query) state.Codec {
	keys, items := typesOf(q.Retain.Key), typesOf(q.Items)
	return &codec{
		id: replacedForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(replacedEntry)
			return form.AppendValues(form.AppendUint(form.AppendValues(dst, e.key), uint64(e.since)), e.items)
		},
		read: func(r *form.Reader) any {
			return replacedEntry{key: r.Keys(keys), since: r.Number(), items: r.Values(items)}
		},
	}
}

// codec writes a row.
func (d *firsts) codec(q *plan.Query) state.Codec {
	items := typesOf(q.Items)
	return &codec{
		id:     distinctForm,
		append: func(dst []byte, saved any) []byte { return form.AppendValues(dst, saved.(distinctEntry).tuple) },
		read:   func(r *form.Reader) any { return distinctEntry{r.Keys(items)} },
	}
}

// codec writes how many rows were let through.
func (l *limit) codec(*plan.Query) state.Codec {
	return &codec{
		id:     limitForm,
		append: func(dst []byte, saved any) []byte { return form.AppendUint(dst, uint64(saved.(limitEntry).rows)) },
		read: func(r *form.Reader) any {
			e := limitEntry{r.Number()}
			if e.rows == 0 {
				r.Fail("no row was let through")
			}
			return e
		},
	}
}

func (x *explode) codec(*plan.Query) state.Codec    { return noCodec() }
func (p *projection) codec(*plan.Query) state.Codec { return noCodec() }
