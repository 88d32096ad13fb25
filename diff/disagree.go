package diff

import (
	"bytes"
	"slices"

	"parallax/processors/row"
)

// group is the rows of one identity in a batch whose sides differ, in order.
type group struct {
	id   *identity // nil for an output that is one sequence
	rows [2][]entry
}

// entry is a row and its canonical encoding.
type entry struct {
	c       *row.Change
	encoded []byte
}

// hasty reports whether V2 had a row of the identity before its time.
func (g *group) hasty() bool { return g.id != nil && g.id.hasty }

func (e entry) equal(o entry) bool { return bytes.Equal(e.encoded, o.encoded) }

// disagree compares a batch whose sides are not simply equal: which levels
// break, and what the divergences are at the level that is required.
func (d *Differ) disagree(v1, v2 []row.Change) {
	for q := range d.sinks {
		one, two := ofQuery(v1, q), ofQuery(v2, q)
		if sameRows(one, two) {
			d.follow(one, two)
			continue
		}
		d.query(q, one, two)
	}
}

func ofQuery(changes []row.Change, q int) []*row.Change {
	var list []*row.Change
	for i := range changes {
		if int(changes[i].Query) == q {
			list = append(list, &changes[i])
		}
	}
	return list
}

func sameRows(a, b []*row.Change) bool {
	return slices.EqualFunc(a, b, row.EqualRow)
}

// follow is agree for the rows of one query.
func (d *Differ) follow(v1, v2 []*row.Change) {
	for i := range v1 {
		d.agree([]row.Change{*v1[i]}, []row.Change{*v2[i]})
	}
}

// query compares one query's rows, which are not the same sequence.
func (d *Differ) query(q int, v1, v2 []*row.Change) {
	state := d.queries[q]
	state.broken[E1] = true
	groups := d.group(v1, v2)
	if !samePerKey(v1, v2) {
		state.broken[E2] = true
	}
	before := d.found.total()
	for _, g := range groups {
		d.identity(q, state, g)
	}
	d.pairAlone(q)
	if d.found.total() > before {
		return
	}
	// Each identity is the same; only the order between them is not.
	if d.opt.Require == E1 || d.opt.Require == E2 && state.broken[E2] {
		d.reordered(q, v1, v2)
	}
}

// group gathers both sides' rows by identity, in order of first appearance.
func (d *Differ) group(v1, v2 []*row.Change) []*group {
	index := map[*identity]*group{}
	var list []*group
	for side, changes := range [2][]*row.Change{v1, v2} {
		for _, c := range changes {
			id := d.ids.of(Side(side), c)
			g, ok := index[id]
			if !ok {
				g = &group{id: id}
				index[id] = g
				list = append(list, g)
			}
			g.rows[side] = append(g.rows[side], entry{c, appendRow(nil, c)})
			if side == int(V2) && id != nil {
				d.routed(id, c)
				if id.misrouted {
					if id.parts == nil {
						id.parts = map[int32][]row.Value{}
					}
					id.parts[c.Partition] = slices.Clone(c.Values)
				}
			}
		}
	}
	return list
}

// samePerKey reports whether each key has the same sequence across its windows.
func samePerKey(v1, v2 []*row.Change) bool {
	sequences := [2]map[string][]byte{{}, {}}
	for side, changes := range [2][]*row.Change{v1, v2} {
		for _, c := range changes {
			key := string(row.AppendKey(nil, c.Key...))
			sequences[side][key] = appendRow(appendIdentity(sequences[side][key], c), c)
		}
	}
	if len(sequences[V1]) != len(sequences[V2]) {
		return false
	}
	for key, sequence := range sequences[V1] {
		if !bytes.Equal(sequence, sequences[V2][key]) {
			return false
		}
	}
	return true
}

// identity compares one identity's rows at every level from E2w down.
func (d *Differ) identity(q int, state *queryState, g *group) {
	one, two := g.rows[V1], g.rows[V2]
	// An output without a key is one sequence, with no last row to carry over.
	var carried [2]last
	if g.id != nil {
		carried = g.id.last
		for side, rows := range g.rows {
			if n := len(rows); n > 0 {
				g.id.last[side] = lastOf(d.sinks[q], rows[n-1].c)
			}
		}
	}
	levels := [E0 + 1]bool{E2w: slices.EqualFunc(one, two, entry.equal)}
	short1, short2 := collapse(d.sinks[q], one, carried[V1]), collapse(d.sinks[q], two, carried[V2])
	levels[E3] = levels[E2w] || slices.EqualFunc(short1, short2, entry.equal)
	sameLast := g.id != nil && g.id.last[V1] == g.id.last[V2]
	levels[E3r] = levels[E3] || sameLast && subsequence(short2, short1)
	levels[E4] = levels[E3r] || sameLast
	for l := E2w; l >= E4; l-- {
		if !levels[l] {
			state.broken[l] = true
		}
	}
	need := min(d.opt.Require, E2w)
	if !levels[need] {
		d.diverge(q, g, levels)
	}
	if g.id != nil && levels[need] || sameLast {
		g.id.tainted = g.id.misrouted && !sameLast
	}
}

// collapse leaves out rows that are equal to the one before, which for the
// first is the last one of the batches before.
func collapse(s *row.Sink, rows []entry, carried last) []entry {
	var out []entry
	for i, e := range rows {
		if i == 0 && carried.present && lastOf(s, e.c) == carried {
			continue
		}
		if len(out) > 0 && out[len(out)-1].equal(e) {
			continue
		}
		if i > 0 && rows[i-1].equal(e) {
			continue
		}
		out = append(out, e)
	}
	return out
}

// subsequence reports whether part is in whole, in order.
func subsequence(part, whole []entry) bool {
	for _, e := range whole {
		if len(part) > 0 && part[0].equal(e) {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// diverge finds the divergences of one identity: rows are aligned by the
// position of their cause.
func (d *Differ) diverge(q int, g *group, levels [E0 + 1]bool) {
	one, two := g.rows[V1], g.rows[V2]
	if sameMultiset(one, two) {
		i := 0
		for one[i].equal(two[i]) {
			i++
		}
		d.report(q, g, Reorder, "", one[i].c, two[i].c, nil)
		return
	}
	var guess Hypothesis
	switch {
	case levels[E3]:
		guess = Stutter
	case levels[E3r] && !g.hasty():
		guess = Conflated
	}
	for i, j := 0, 0; i < len(one) || j < len(two); {
		switch {
		case j == len(two) || i < len(one) && one[i].c.Position < two[j].c.Position:
			class, why := d.missing(g, one[i].c, guess)
			d.report(q, g, class, why, one[i].c, nil, one[i].c)
			i++
		case i == len(one) || two[j].c.Position < one[i].c.Position:
			class, why := d.extra(q, g, two, j, guess)
			d.report(q, g, class, why, nil, two[j].c, two[j].c)
			j++
		default:
			if !one[i].equal(two[j]) {
				class, why := d.changed(g, one[i].c, two[j].c)
				d.report(q, g, class, why, one[i].c, two[j].c, one[i].c)
			}
			i, j = i+1, j+1
		}
	}
}

// missing tells a row that only V1 has.
func (d *Differ) missing(g *group, c *row.Change, guess Hypothesis) (Class, Hypothesis) {
	switch {
	case c.Deleted():
		return Tombstone, guess
	case g.hasty() || d.droppedAsLate(c):
		return Missing, ClockAhead
	case guess != "" || g.id == nil:
	case d.unclosed(c):
		return Missing, ClockBehind
	case d.silent(g.id.partition):
		return Missing, d.lost()
	}
	return Missing, guess
}

// extra tells a row that only V2 has: one that it just said at the same place is a
// duplicate.
func (d *Differ) extra(q int, g *group, rows []entry, j int, guess Hypothesis) (Class, Hypothesis) {
	e := rows[j]
	if j > 0 && rows[j-1].c.Position == e.c.Position && rows[j-1].equal(e) {
		return Duplicate, guess
	}
	if e.c.Deleted() {
		return Tombstone, guess
	}
	if class, why := d.untimely(q, e.c); class != "" {
		if g.id != nil && class == Early {
			g.id.hasty = true
		}
		return class, why
	}
	return Extra, guess
}

func sameMultiset(a, b []entry) bool {
	if len(a) != len(b) {
		return false
	}
	compare := func(x, y entry) int { return bytes.Compare(x.encoded, y.encoded) }
	x, y := slices.SortedFunc(slices.Values(a), compare), slices.SortedFunc(slices.Values(b), compare)
	return slices.EqualFunc(x, y, entry.equal)
}

// changed tells two rows of one identity and cause apart.
func (d *Differ) changed(g *group, one, two *row.Change) (Class, Hypothesis) {
	switch {
	case one.Deleted() != two.Deleted():
		return Tombstone, ""
	case onlyTypes(one, two):
		return TypeClass, guessValues(one, two)
	case g.id != nil && partsAddUp(g.id, one):
		return ValueClass, PartsAddUp
	}
	return ValueClass, guessValues(one, two)
}

// report counts one divergence of an identity.
func (d *Differ) report(q int, g *group, class Class, guess Hypothesis, one, two, cause *row.Change) {
	root := g.id == nil || !g.id.tainted
	if g.id != nil {
		g.id.tainted = true
	}
	if cause == nil {
		cause = one
	}
	shape := string(guess)
	if class == ValueClass {
		shape = "" // a guess that fits some of them names them all
	}
	found := divergence{
		class: class, root: root, topic: d.sinks[q].Topic, shape: shape, guess: guess,
		example: d.example(uint16(q), one, one, two, cause),
	}
	if one == nil || two == nil {
		d.alone = append(d.alone, lonely{found, one, two})
		return
	}
	d.found.add(found)
}

// reordered reports rows that only stand in another order between keys: one
// divergence a batch.
func (d *Differ) reordered(q int, v1, v2 []*row.Change) {
	for i := range v1 {
		if row.EqualRow(v1[i], v2[i]) {
			continue
		}
		d.found.add(divergence{
			class: Reorder, root: true, topic: d.sinks[q].Topic, shape: "across keys",
			example: d.example(uint16(q), v1[i], v1[i], v2[i], v1[i]),
		})
		return
	}
}
