package oracle

import "parallax/processors/row"

// pairing joins tables by their primary keys. Each key has at most one joined row, which is
// computed again whenever one of its sides changes.
type pairing struct {
	*join
	sides [2]table
	shown table
}

func (p *pairing) take(e *event, side int) row.Disposition {
	leftOuter, rightOuter := p.Outer()
	key := p.inOrder(e, side)
	joins := matches(key, key)
	if !joins && !(side == left && leftOuter || side == right && rightOuter) {
		return row.Filtered // no row can result
	}
	d := p.sides[side].put(key, e)
	if d == row.Filtered {
		return d // it deletes nothing
	}
	var l, r *event
	if side == left {
		l, r = e, p.other(key, right, joins)
	} else {
		l, r = p.other(key, left, joins), e
	}
	is := func(e *event) bool { return e != nil && !e.null }
	exists := is(l) && is(r) || is(l) && leftOuter || is(r) && rightOuter
	before := p.shown.get(key)
	if !exists && before == nil {
		return d
	}
	made := p.hand(l, r, key[:len(p.Left)])
	made.key, made.null = key, !exists
	if exists && e.null { // a side without a row has only a key
		for n, s := range e.sides {
			if s != nil {
				made.sides[n] = nil
			}
		}
	}
	p.shown.put(key, made)
	return d
}

// other is the other side's row of a key. A key that equals nothing (joins is false) has
// none; the joined table then has one row of that key, from the side that changed last.
func (p *pairing) other(key []row.Value, side int, joins bool) *event {
	if !joins {
		return nil
	}
	return p.sides[side].get(key)
}

func (p *pairing) pass(int64) {}
