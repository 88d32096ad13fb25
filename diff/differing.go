package diff

import (
	"bytes"
	"slices"

	"parallax/processors/row"
)

// group contains the rows of one identity in a batch that differs, in order.
type group struct {
	id   *identity // nil for an output that is one sequence
	rows [2][]*row.Change
	// isKnown: V1 had rows of it before the batch, or V2 had wrong ones.
	isKnown bool
}

// isEarly reports whether V2 had a row of the identity before the watermark allowed it.
func (g *group) isEarly() bool { return g.id != nil && g.id.isEarly }

// showSame reports whether two rows of one identity have the same values and timestamp.
func showSame(a, b *row.Change) bool {
	return a.Timestamp == b.Timestamp && a.Deleted() == b.Deleted() && row.EqualValues(a.Values, b.Values)
}

// scratch is memory that comparisons reuse: a V2 that is wrong is often wrong in each batch,
// and the garbage of comparisons would slow V1 down as well.
type scratch struct {
	rows   [2][][]*row.Change // by query
	groups []*group           // the first used ones belong to the current query
	used   int
	short  [2][]*row.Change // of one identity
	pairs  []aligned
}

// compareDiffering compares a batch whose sides are not equal: which levels it breaks, and
// which divergences it has at the required level.
func (d *Differ) compareDiffering(v1, v2 []row.Change) {
	d.rowsOfV2, d.valuesAt = v2, nil
	defer func() { d.rowsOfV2, d.valuesAt = nil, nil }() // no batch is kept for them
	d.scratch.rows[V1] = byQuery(d.scratch.rows[V1], v1, len(d.sinks))
	d.scratch.rows[V2] = byQuery(d.scratch.rows[V2], v2, len(d.sinks))
	d.compareAcross(v1, v2)
	for q := range d.sinks {
		one, two := d.scratch.rows[V1][q], d.scratch.rows[V2][q]
		if areSameRows(one, two) {
			d.noteAgreementOf(one, two)
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

func areSameRows(a, b []*row.Change) bool {
	return slices.EqualFunc(a, b, row.EqualRow)
}

// noteAgreementOf is noteAgreement for the rows of one query.
func (d *Differ) noteAgreementOf(v1, v2 []*row.Change) {
	for i := range v1 {
		d.noteAgreement([]row.Change{*v1[i]}, []row.Change{*v2[i]})
	}
}

// query compares one query's rows, which are not the same sequence.
func (d *Differ) query(q int, v1, v2 []*row.Change) {
	state := d.queries[q]
	state.breaks(E1)
	groups := d.group(v1, v2)
	if !state.part.broken[E2] && !areSamePerKey(v1, v2) {
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
	// Each identity has the same rows; only the order between identities differs.
	if d.opt.Require == E1 || d.opt.Require == E2 && state.broken[E2] {
		d.reportReordering(q, v1, v2)
	}
}

// addToMultiset adds the rows of a batch to the sums that the levels Zs and Ze compare.
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
	var sequence *group // the only group of an output that is one sequence
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
				d.notePartition(id, c)
			}
		}
	}
	return d.scratch.groups[:d.scratch.used]
}

// group returns the next unused group, without rows.
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
func areSamePerKey(v1, v2 []*row.Change) bool {
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
	// An output without a key is one sequence: it has no last row of earlier batches.
	var carried [2]last
	if g.id != nil {
		carried = g.id.last
		g.isKnown = carried[V1] != last{} || g.id.tainted && !g.id.misrouted
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
	if slices.EqualFunc(one, two, showSame) {
		levels = [E0 + 1]bool{E2w: true, E3: true, E3r: true, E4: true, E5: true, E6: true, Zs: true, Ze: true}
	} else {
		short := &d.scratch.short
		short[V1], short[V2] = d.collapse(short[V1], q, one, carried[V1]), d.collapse(short[V2], q, two, carried[V2])
		levels[E3] = slices.EqualFunc(short[V1], short[V2], showSame)
		levels[E3r] = levels[E3] || sameLast && isSubsequence(short[V2], short[V1])
		levels[E4] = levels[E3r] || sameLast
		// Within a batch these levels are equal to E4; over several batches, ends and surplus
		// decide. The last row of a closed window is not kept, so a further row of such a
		// window breaks E5 and E6.
		levels[E5], levels[E6] = levels[E4], levels[E4]
		if d.showsClosed(q, one) || d.showsClosed(q, two) {
			state.breaks(E5)
			state.breaks(E6)
		}
		if d.opt.Require.IsOfMultiset() {
			levels[Zs] = areSameMultiset(one, two)
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

// collapse removes rows that are equal to the previous row. The previous row of the first
// one is the last row of earlier batches. Rows of a closed window stay: the last row of
// such a window is not kept, and whether a row is a repetition must not depend on where
// batches are cut.
func (d *Differ) collapse(out []*row.Change, q int, rows []*row.Change, carried last) []*row.Change {
	out = out[:0]
	for i, c := range rows {
		repeats := i == 0 && carried.isRow(d.sinks[q], c) || i > 0 && showSame(rows[i-1], c)
		if !repeats || d.hadClosed(q, c) {
			out = append(out, c)
		}
	}
	return out
}

// showsClosed reports whether there is a row of a window that had closed before the batch.
func (d *Differ) showsClosed(q int, rows []*row.Change) bool {
	return slices.ContainsFunc(rows, func(c *row.Change) bool { return d.hadClosed(q, c) })
}

// subsequence reports whether part is in whole, in order.
func isSubsequence(part, whole []*row.Change) bool {
	for _, c := range whole {
		if len(part) > 0 && showSame(part[0], c) {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// classifyMissing classifies a row that only V1 has.
func (d *Differ) classifyMissing(g *group, c *row.Change, guess Hypothesis) (Class, Hypothesis) {
	switch {
	case c.Deleted():
		return Tombstone, guess
	case g.isEarly() || d.droppedAsLate(c):
		return Missing, ClockAhead
	case guess != "" || g.id == nil:
	case d.isUnclosed(c):
		return Missing, ClockBehind
	case d.isSilent(g.id.partition):
		return Missing, d.lost()
	}
	return Missing, guess
}

// classifyExtra classifies a row that only V2 has. A row that repeats V2's previous row at
// the same position is a duplicate.
func (d *Differ) classifyExtra(q int, g *group, rows []*row.Change, j int, guess Hypothesis) (Class, Hypothesis) {
	c := rows[j]
	if j > 0 && rows[j-1].Position == c.Position && showSame(rows[j-1], c) {
		if row.CompareOrder(rows[j-1], c) == 0 { // the same row twice, not an equal row of another place
			return Duplicate, Retried
		}
		return Duplicate, guess
	}
	if c.Deleted() {
		return Tombstone, guess
	}
	if class, why := d.classifyUntimely(q, c); class != "" {
		if g.id != nil && class == Early {
			g.id.isEarly = true
		}
		return class, why
	}
	return Extra, guess
}

// classifyChanged classifies two different rows of one identity and cause.
func (d *Differ) classifyChanged(one, two *row.Change) (Class, Hypothesis) {
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

// partitionOf returns the partition of V2 that should have made a row of V1, -1 if it is not
// known. It is the partition to which V2's router sends the row, otherwise the one that
// earlier rows of the identity came from.
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

// reportReordering reports rows that differ only in their order between keys, as one
// divergence for the batch.
func (d *Differ) reportReordering(q int, v1, v2 []*row.Change) {
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
