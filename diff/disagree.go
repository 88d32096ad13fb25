package diff

import (
	"bytes"
	"slices"

	"parallax/processors/row"
)

// group is the rows of one identity in a batch whose sides differ, in order.
type group struct {
	id   *identity // nil for an output that is one sequence
	rows [2][]*row.Change
	// known says that V1 had rows of it before the batch, or V2 was wrong about it.
	known bool
}

// hasty reports whether V2 had a row of the identity before its time.
func (g *group) hasty() bool { return g.id != nil && g.id.hasty }

// alike reports whether two rows of one identity show the same.
func alike(a, b *row.Change) bool {
	return a.Timestamp == b.Timestamp && a.Deleted() == b.Deleted() && row.EqualValues(a.Values, b.Values)
}

// scratch is memory of one comparison that the next one uses again: a V2 that is
// wrong is often wrong in each batch, and what is garbage is V1's as well.
type scratch struct {
	rows   [2][][]*row.Change // by query
	groups []*group           // the first in use of which are those of one query
	used   int
	short  [2][]*row.Change // of one identity
	pairs  []aligned
}

// disagree compares a batch whose sides are not simply equal: which levels
// break, and what the divergences are at the level that is required.
func (d *Differ) disagree(v1, v2 []row.Change) {
	d.rowsOfV2, d.valuesAt = v2, nil
	defer func() { d.rowsOfV2, d.valuesAt = nil, nil }() // no batch is kept for them
	d.scratch.rows[V1] = byQuery(d.scratch.rows[V1], v1, len(d.sinks))
	d.scratch.rows[V2] = byQuery(d.scratch.rows[V2], v2, len(d.sinks))
	d.compareAcross(v1, v2)
	for q := range d.sinks {
		one, two := d.scratch.rows[V1][q], d.scratch.rows[V2][q]
		if sameRows(one, two) {
			d.follow(one, two)
			continue
		}
		d.query(q, one, two)
	}
}

// byQuery sorts rows into a list for each of the queries. It uses the memory of lists.
func byQuery(lists [][]*row.Change, changes []row.Change, queries int) [][]*row.Change {
	if lists == nil {
		lists = make([][]*row.Change, queries)
	}
	for q := range lists {
		lists[q] = lists[q][:0]
	}
	for i := range changes {
		q := changes[i].Query
		lists[q] = append(lists[q], &changes[i])
	}
	return lists
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
	state.breaks(E1)
	groups := d.group(v1, v2)
	if !state.part.broken[E2] && !samePerKey(v1, v2) {
		state.breaks(E2)
	}
	if d.ids.outputs[q] == nil {
		state.addToMultiset(v1, v2)
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

// addToMultiset adds the rows of a batch to what the levels about rows in any order compare.
func (q *queryState) addToMultiset(v1, v2 []*row.Change) {
	q.surplus += digests(v1) - digests(v2)
	if q.surplus != 0 {
		q.breaks(Zs)
	}
}

// group gathers both sides' rows of one query by identity, in order of first
// appearance.
func (d *Differ) group(v1, v2 []*row.Change) []*group {
	d.scratch.used = 0
	var sequence *group // of an output that is one
	for side, changes := range [2][]*row.Change{v1, v2} {
		for _, c := range changes {
			id := d.ids.of(Side(side), c)
			g := sequence
			switch {
			case id == nil && g == nil:
				sequence = d.scratch.group(nil)
				g = sequence
			case id != nil && id.comparison != d.comparison:
				id.comparison, id.at = d.comparison, int32(d.scratch.used)
				g = d.scratch.group(id)
			case id != nil:
				g = d.scratch.groups[id.at]
			}
			g.rows[side] = append(g.rows[side], c)
			if side == int(V2) && id != nil {
				d.routed(id, c)
			}
		}
	}
	return d.scratch.groups[:d.scratch.used]
}

// group is the next one, without rows.
func (s *scratch) group(id *identity) *group {
	if s.used == len(s.groups) {
		s.groups = append(s.groups, &group{})
	}
	g := s.groups[s.used]
	s.used++
	*g = group{id: id, rows: [2][]*row.Change{g.rows[V1][:0], g.rows[V2][:0]}}
	return g
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
		g.known = carried[V1] != last{} || g.id.tainted && !g.id.misrouted
		for side, rows := range g.rows {
			if n := len(rows); n > 0 {
				g.id.last[side] = lastOf(d.sinks[q], rows[n-1])
			}
		}
	}
	if g.id != nil {
		g.id.setApart(!g.id.last[V1].sameInTable(g.id.last[V2]))
	}
	sameLast := g.id != nil && g.id.last[V1].sameInTable(g.id.last[V2]) && !d.showsClosed(q, two)
	var levels [E0 + 1]bool
	if slices.EqualFunc(one, two, alike) {
		levels = [E0 + 1]bool{E2w: true, E3: true, E3r: true, E4: true, E5: true, E6: true, Zs: true, Ze: true}
	} else {
		short := &d.scratch.short
		short[V1], short[V2] = d.collapse(short[V1], q, one, carried[V1]), d.collapse(short[V2], q, two, carried[V2])
		levels[E3] = slices.EqualFunc(short[V1], short[V2], alike)
		levels[E3r] = levels[E3] || sameLast && subsequence(short[V2], short[V1])
		levels[E4] = levels[E3r] || sameLast
		// In a batch by itself these are the same; over batches, ends and surplus decide. The
		// final row of a window that had closed is not remembered, so another row of it
		// breaks them.
		levels[E5], levels[E6] = levels[E4], levels[E4]
		if d.showsClosed(q, one) || d.showsClosed(q, two) {
			state.breaks(E5)
			state.breaks(E6)
		}
		if d.opt.Require.IsOfMultiset() {
			levels[Zs] = sameMultiset(one, two)
			levels[Ze] = levels[Zs]
		}
	}
	for l := E2w; l >= E4; l-- {
		if !levels[l] {
			state.breaks(l)
		}
	}
	need := min(d.opt.Require, E2w)
	if !levels[need] {
		d.diverge(q, g, levels)
	} else {
		for _, c := range two {
			g.notePart(c)
		}
	}
	if g.id != nil && levels[need] || sameLast {
		g.id.tainted = g.id.misrouted && !sameLast
	}
}

// collapse leaves out rows that are equal to the one before, which for the first is the
// last one of the batches before. A row of a window that had closed stays: the last row
// of such a window is not remembered, and whether a row counts as a repetition must not
// depend on where batches are cut.
func (d *Differ) collapse(out []*row.Change, q int, rows []*row.Change, carried last) []*row.Change {
	out = out[:0]
	for i, c := range rows {
		repeats := i == 0 && carried.isRow(d.sinks[q], c) || i > 0 && alike(rows[i-1], c)
		if !repeats || d.hadClosed(q, c) {
			out = append(out, c)
		}
	}
	return out
}

// showsClosed reports whether there is a row of a window that had closed.
func (d *Differ) showsClosed(q int, rows []*row.Change) bool {
	return slices.ContainsFunc(rows, func(c *row.Change) bool { return d.hadClosed(q, c) })
}

// subsequence reports whether part is in whole, in order.
func subsequence(part, whole []*row.Change) bool {
	for _, c := range whole {
		if len(part) > 0 && alike(part[0], c) {
			part = part[1:]
		}
	}
	return len(part) == 0
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
func (d *Differ) extra(q int, g *group, rows []*row.Change, j int, guess Hypothesis) (Class, Hypothesis) {
	c := rows[j]
	if j > 0 && rows[j-1].Position == c.Position && alike(rows[j-1], c) {
		if row.CompareOrder(rows[j-1], c) == 0 { // the same row, not one that is made again
			return Duplicate, Retried
		}
		return Duplicate, guess
	}
	if c.Deleted() {
		return Tombstone, guess
	}
	if class, why := d.untimely(q, c); class != "" {
		if g.id != nil && class == Early {
			g.id.hasty = true
		}
		return class, why
	}
	return Extra, guess
}

// changed tells two rows of one identity and cause apart.
func (d *Differ) changed(one, two *row.Change) (Class, Hypothesis) {
	switch {
	case one.Deleted() != two.Deleted():
		return Tombstone, ""
	case len(one.Values) != len(two.Values), lackColumns(one, two):
		return Schema, ""
	case onlyTypes(one, two):
		return TypeClass, ""
	}
	return ValueClass, ""
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
	found := divergence{
		class: class, root: root, topic: d.sinks[q].Topic, shape: string(guess), sure: only(guess),
		rows: pair{sink: d.sinks[q], one: one, two: two, cause: cause},
	}
	if class == ValueClass || class == TypeClass {
		found.sure, found.unsure = d.fits(g, one, two, d.found.signature(&found).fitting)
	}
	if two == nil {
		found.rows.lost = d.partitionOf(g.id, one) + 1
	}
	if one == nil || two == nil {
		d.alone = append(d.alone, found)
		return
	}
	d.found.add(found)
}

// partitionOf is the partition of V2 that should have made a row of V1, -1 where that is
// not known: the one that V2's router sends it to, else the one that its identity came
// from before.
func (d *Differ) partitionOf(id *identity, c *row.Change) int32 {
	if d.opt.PartitionOf != nil {
		if p := d.opt.PartitionOf(d.batch, c); p >= 0 {
			return p
		}
	}
	if id != nil {
		return id.partition
	}
	return -1
}

// reordered reports rows that only stand in another order between keys: one
// divergence a batch.
func (d *Differ) reordered(q int, v1, v2 []*row.Change) {
	for i := range v1 {
		if row.EqualRow(v1[i], v2[i]) {
			continue
		}
		d.found.add(divergence{
			class: Reorder, root: true, topic: d.sinks[q].Topic, shape: acrossKeys,
			rows: pair{sink: d.sinks[q], one: v1[i], two: v2[i], cause: v1[i]},
		})
		return
	}
}
