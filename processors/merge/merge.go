// Package merge restores the total order of V2's output: the changelogs of N
// partitions become one, in the order in which V1 emits.
//
// It is under test itself. A merge that sorts and removes duplicates would hide
// just those faults of V2 that the comparison is there to find; so it drops a
// row only where all of its place in the order is another row's place as well,
// never because values are equal, and counts each row that it dropped or moved.
// In a right V2 both counts are 0.
package merge

import (
	"slices"

	"parallax/processors/row"
)

// Counts are what a merge had to do beyond interleaving.
type Counts struct {
	// Raw is the number of rows that came in.
	Raw int64
	// Deduplicated rows were dropped: another row has the same place.
	Deduplicated int64
	// Reordered rows came below what their run had already reached. Those of
	// this batch were moved into place; one that belongs to an earlier batch is
	// counted and stays in this one.
	Reordered int64
}

// Merger merges the same number of runs batch after batch. It remembers what
// each run has reached, so it belongs to one goroutine. The zero value is not
// usable: see New.
type Merger struct {
	reached []reached
	heads   []int // heap of runs, by their first row
}

type reached struct {
	any bool
	row row.Change
}

// New returns a Merger of n runs.
func New(n int) *Merger {
	return &Merger{reached: make([]reached, n), heads: make([]int, 0, n)}
}

// Batch merges what n runs made of one batch into out, which it appends to and
// returns. The runs are used up: their slices are reordered and their headers
// advanced. Rows that share a place keep the one of the lowest run.
func (m *Merger) Batch(out []row.Change, runs [][]row.Change) ([]row.Change, Counts) {
	var c Counts
	for i, run := range runs {
		c.Raw += int64(len(run))
		c.Reordered += m.order(i, run)
	}
	start := len(out)
	out = slices.Grow(out, int(c.Raw))
	m.heads = m.heads[:0]
	for i := range runs {
		if len(runs[i]) > 0 {
			m.heads = append(m.heads, i)
		}
	}
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.sink(runs, i)
	}
	for len(m.heads) > 0 {
		top := m.heads[0]
		run := runs[top]
		// Rows of one run mostly come in a row: take all that stand before the
		// next best run's first.
		n := len(run)
		if next := m.next(runs); next >= 0 {
			n = 1
			for n < len(run) && before(run, n, top, runs[next], next) {
				n++
			}
		}
		for i := range n {
			if len(out) > start && row.CompareOrder(&out[len(out)-1], &run[i]) == 0 {
				c.Deduplicated++
				continue
			}
			out = append(out, run[i])
		}
		if runs[top] = run[n:]; n == len(run) {
			last := len(m.heads) - 1
			m.heads[0] = m.heads[last]
			m.heads = m.heads[:last]
		}
		m.sink(runs, 0)
	}
	return out, c
}

// order counts the rows of a run that stand below what the run had reached, and
// puts the run in order where there are any.
func (m *Merger) order(i int, run []row.Change) (moved int64) {
	if len(run) == 0 {
		return 0
	}
	high := &run[0]
	if r := &m.reached[i]; r.any && row.CompareOrder(&r.row, high) > 0 {
		high = &r.row
		moved++
	}
	sorted := true
	for j := 1; j < len(run); j++ {
		sorted = sorted && row.CompareOrder(&run[j-1], &run[j]) <= 0
		if row.CompareOrder(high, &run[j]) > 0 {
			moved++
		} else {
			high = &run[j]
		}
	}
	m.reached[i] = reached{any: true, row: *high}
	if !sorted {
		slices.SortStableFunc(run, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
	}
	return moved
}

// before reports whether row i of run a comes before the first row of run b;
// between equal places the lower run goes first.
func before(run []row.Change, i, a int, other []row.Change, b int) bool {
	c := row.CompareOrder(&run[i], &other[0])
	return c < 0 || c == 0 && a < b
}

// next returns the run whose first row is second, -1 if there is none.
func (m *Merger) next(runs [][]row.Change) int {
	switch len(m.heads) {
	case 1:
		return -1
	case 2:
		return m.heads[1]
	}
	l, r := m.heads[1], m.heads[2]
	if before(runs[l], 0, l, runs[r], r) {
		return l
	}
	return r
}

// sink restores the heap below position i.
func (m *Merger) sink(runs [][]row.Change, i int) {
	for {
		best := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heads); child++ {
			a, b := m.heads[child], m.heads[best]
			if before(runs[a], 0, a, runs[b], b) {
				best = child
			}
		}
		if best == i {
			return
		}
		m.heads[i], m.heads[best] = m.heads[best], m.heads[i]
		i = best
	}
}
