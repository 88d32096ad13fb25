package oracle

import (
	"slices"

	"parallax/processors/row"
)

// pairing joins tables by their primary keys: of each key there is a row, or none,
// and it is made anew whenever one of its sides changes.
type pairing struct {
	*join
	sides [2]table
	shown table
}

func (p *pairing) take(e *event, side int) row.Disposition {
	d := p.sides[side].put(e)
	var l, r *event
	if side == left {
		l, r = e, p.other(e, right)
	} else {
		l, r = p.other(e, left), e
	}
	leftOuter, rightOuter := p.Outer()
	is := func(e *event) bool { return e != nil && !e.null }
	exists := is(l) && is(r) || is(l) && leftOuter || is(r) && rightOuter
	key := e.key
	if slices.ContainsFunc(key, row.Value.IsNull) {
		key = append(slices.Clone(key), row.NewInt(int64(side))) // NULL is nobody else's NULL
	}
	before := p.shown.get(key)
	if !exists && before == nil {
		return d
	}
	// A side that has no row says no more than its key.
	made := p.hand(l, r, e.key[0])
	made.key, made.null = key, !exists
	if exists {
		for n, s := range made.sides {
			if s != nil && s.from.State == row.NullValue {
				made.sides[n] = nil
			}
		}
	}
	p.shown.put(made)
	return d
}

// other is the other side's row of the key of a row.
func (p *pairing) other(e *event, side int) *event {
	if slices.ContainsFunc(e.key, row.Value.IsNull) {
		return nil
	}
	return p.sides[side].get(e.key)
}

func (p *pairing) pass(int64) {}
