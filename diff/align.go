package diff

import (
	"bytes"
	"slices"

	"parallax/processors/row"
)

// mostAligned is the largest number of rows on a side, for one cause, for which a longest
// common subsequence is computed: its time and memory grow with the product of both
// numbers.
const mostAligned = 1000

// diverge reports the divergences of one identity. It aligns rows by the position of their
// cause, and rows of one cause by a longest common subsequence.
func (d *Differ) diverge(q int, g *group, levels [E0 + 1]bool) {
	one, two := g.rows[V1], g.rows[V2]
	if areSameMultiset(one, two) {
		i := 0
		for showSame(one[i], two[i]) {
			i++
		}
		d.report(q, g, Reorder, "", one[i], two[i], nil)
		for _, c := range two {
			g.notePart(c)
		}
		return
	}
	for len(one) > 0 || len(two) > 0 {
		position := firstPosition(one, two)
		i, j := leading(one, position), leading(two, position)
		d.cause(q, g, levels, one[:i], two[:j])
		one, two = one[i:], two[j:]
	}
}

// firstPosition is the smaller position of the first rows of both sides.
func firstPosition(one, two []*row.Change) int64 {
	switch {
	case len(one) == 0:
		return two[0].Position
	case len(two) == 0:
		return one[0].Position
	}
	return min(one[0].Position, two[0].Position)
}

// leading is how many of the first rows have a position.
func leading(rows []*row.Change, position int64) int {
	n := 0
	for n < len(rows) && rows[n].Position == position {
		n++
	}
	return n
}

// cause reports the divergences of the rows of one identity and cause.
func (d *Differ) cause(q int, g *group, levels [E0 + 1]bool, one, two []*row.Change) {
	var guess Hypothesis
	switch {
	case levels[E3]:
		guess = Stutter
	case levels[E3r] && !g.isEarly() && len(two) <= 1: // conflation leaves at most one row for a cause
		guess = Conflated
	}
	d.scratch.pairs = align(d.scratch.pairs[:0], one, two)
	for _, p := range d.scratch.pairs {
		if p.two >= 0 {
			g.notePart(two[p.two])
		}
		switch {
		case p.two < 0:
			d.byColumn.addAlone(one[p.one])
			class, why := d.classifyMissing(g, one[p.one], guess)
			d.report(q, g, class, why, one[p.one], nil, one[p.one])
		case p.one < 0:
			class, why := d.classifyExtra(q, g, two, p.two, guess)
			d.report(q, g, class, why, nil, two[p.two], two[p.two])
		case !showSame(one[p.one], two[p.two]):
			d.byColumn.addPair(&d.tolerance, one[p.one], two[p.two])
			class, why := d.classifyChanged(one[p.one], two[p.two])
			d.report(q, g, class, why, one[p.one], two[p.two], one[p.one])
		}
	}
}

// aligned is a pair of a row of V1 and a row of V2, by index; -1 for no row.
type aligned struct{ one, two int }

// align pairs the rows of one cause. It pairs equal rows along a longest common
// subsequence. Rows between two such pairs are paired by their place in the total order,
// and then by index. If a side has more than mostAligned rows, only the equal rows at both
// ends are paired first.
func align(pairs []aligned, one, two []*row.Change) []aligned {
	from, to := 0, 0
	for from < min(len(one), len(two)) && showSame(one[from], two[from]) {
		pairs = append(pairs, aligned{from, from})
		from++
	}
	for to < min(len(one), len(two))-from && showSame(one[len(one)-1-to], two[len(two)-1-to]) {
		to++
	}
	i, j := from, from
	for _, p := range common(one[from:len(one)-to], two[from:len(two)-to]) {
		p.one, p.two = p.one+from, p.two+from
		pairs = append(between(pairs, one, two, aligned{i, j}, p), p)
		i, j = p.one+1, p.two+1
	}
	pairs = between(pairs, one, two, aligned{i, j}, aligned{len(one) - to, len(two) - to})
	for k := to; k > 0; k-- {
		pairs = append(pairs, aligned{len(one) - k, len(two) - k})
	}
	return pairs
}

// between pairs the rows between two indexes, which have no equal rows: by place if both
// sides have a row there, the others by index.
func between(pairs []aligned, one, two []*row.Change, from, to aligned) []aligned {
	i, j := from.one, from.two
	for i < to.one || j < to.two {
		switch left, right := to.one-i, to.two-j; {
		case right == 0, left > right && isEarlier(one[i], two[j]):
			pairs = append(pairs, aligned{i, -1})
			i++
		case left == 0, right > left && isEarlier(two[j], one[i]):
			pairs = append(pairs, aligned{-1, j})
			j++
		default:
			pairs = append(pairs, aligned{i, j})
			i, j = i+1, j+1
		}
	}
	return pairs
}

// isEarlier reports whether a row comes before another row of the same identity in the
// total order.
func isEarlier(a, b *row.Change) bool { return row.CompareOrder(a, b) < 0 }

// common returns a longest common subsequence of two sequences of rows; none if one of them
// is empty or too long.
func common(one, two []*row.Change) (pairs []aligned) {
	n, m := len(one), len(two)
	if n == 0 || m == 0 || n > mostAligned || m > mostAligned {
		return nil
	}
	// longest[i*(m+1)+j] is the length for one[i:] and two[j:]. Different rows almost
	// always have different digests; rows with equal digests are compared.
	digests := [2][]uint64{digestsOf(one), digestsOf(two)}
	same := func(i, j int) bool { return digests[V1][i] == digests[V2][j] && showSame(one[i], two[j]) }
	longest := make([]uint16, (n+1)*(m+1))
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			at := i*(m+1) + j
			if same(i, j) {
				longest[at] = longest[at+m+2] + 1
			} else {
				longest[at] = max(longest[at+1], longest[at+m+1])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		at := i*(m+1) + j
		switch {
		case same(i, j):
			pairs = append(pairs, aligned{i, j})
			i, j = i+1, j+1
		case longest[at+1] > longest[at+m+1]:
			j++
		default:
			i++
		}
	}
	return pairs
}

func digestsOf(rows []*row.Change) []uint64 {
	list := make([]uint64, len(rows))
	for i, c := range rows {
		list[i] = row.Digest(c, nil)
	}
	return list
}

// sameMultiset reports whether the rows of one identity are equal in some order.
func areSameMultiset(a, b []*row.Change) bool {
	if len(a) != len(b) || digests(a) != digests(b) {
		return false
	}
	encode := func(rows []*row.Change) [][]byte {
		list := make([][]byte, len(rows))
		for i, c := range rows {
			list[i] = appendRow(nil, c)
		}
		slices.SortFunc(list, bytes.Compare)
		return list
	}
	return slices.EqualFunc(encode(a), encode(b), bytes.Equal)
}

// digests is the same for the same rows in any order.
func digests(rows []*row.Change) (sum uint64) {
	for _, c := range rows {
		sum += row.Digest(c, nil)
	}
	return sum
}
