// Package merge restores the total order of V2's output: the changelogs of N
// partitions become one, in the order in which V1 emits.
//
// It is under test itself. A merge that sorts and removes duplicates would hide
// just those faults of V2 that the comparison is there to find; so it drops a
// row only where all of its place in the order is another row's place as well,
// never because values are equal, and counts each row that it dropped or moved.
// In a right V2 both counts are 0.
//
// Stability: ours.
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
	// owners[k] is the run that has the rows of the position lowest+k: none where
	// no run has any, many where several have.
	owners []int32
	narrow [][]row.Change // the parts of the runs at one position
	heads  []int          // heap of runs, by their first row
	strays []row.Stray    // of the batch; nil where there are none
}

const (
	none = -1
	many = -2
)

type reached struct {
	any bool
	row row.Change
}

// New returns a Merger of n runs.
func New(n int) *Merger {
	return &Merger{reached: make([]reached, n), narrow: make([][]row.Change, n), heads: make([]int, 0, n)}
}

// Batch merges what n runs made of one batch into out, which it appends to and
// returns. The runs are used up: their slices are reordered and their headers
// advanced. Rows that share a place keep the one of the lowest run.
//
// A record belongs to one partition, so most positions are one run's. Which run
// has a position is noted once, and then positions are walked: nothing is
// compared but where several runs have the same position, as where time closes
// windows.
func (m *Merger) Batch(out []row.Change, runs [][]row.Change) ([]row.Change, Counts) {
	var c Counts
	m.strays = nil // the ones of the batch before are its outcome's
	for i, run := range runs {
		c.Raw += int64(len(run))
		c.Reordered += m.order(i, run)
	}
	start := len(out)
	out = slices.Grow(out, int(c.Raw))
	if lowest, dense := m.own(runs, int(c.Raw)); dense {
		out = m.walk(out, runs, lowest)
	} else {
		out = m.interleave(out, runs)
	}
	c.Deduplicated = c.Raw - int64(len(out)-start)
	return out, c
}

// own notes which run has which position. dense is false where positions are so
// few and far between that walking them does not pay.
func (m *Merger) own(runs [][]row.Change, rows int) (lowest int64, dense bool) {
	highest, some := int64(0), false
	for _, run := range runs {
		if len(run) == 0 {
			continue
		}
		first, last := run[0].Position, run[len(run)-1].Position
		if !some {
			lowest, highest, some = first, last, true
		}
		lowest, highest = min(lowest, first), max(highest, last)
	}
	const thin = 16 // positions a row
	span := highest - lowest + 1
	if span <= 0 || span > int64(thin*rows) {
		return 0, false
	}
	if int64(cap(m.owners)) < span {
		m.owners = make([]int32, span)
	}
	m.owners = m.owners[:span]
	for k := range m.owners {
		m.owners[k] = none
	}
	for i, run := range runs {
		for j := range run {
			owner := &m.owners[run[j].Position-lowest]
			switch {
			case *owner == none:
				*owner = int32(i)
			case *owner != int32(i):
				*owner = many
			}
		}
	}
	return lowest, true
}

// walk appends the rows position by position.
func (m *Merger) walk(out []row.Change, runs [][]row.Change, lowest int64) []row.Change {
	for k, owner := range m.owners {
		position := lowest + int64(k)
		switch owner {
		case none:
		case many:
			for i := range runs {
				n := leading(runs[i], position)
				m.narrow[i], runs[i] = runs[i][:n], runs[i][n:]
			}
			out = m.interleave(out, m.narrow)
		default:
			run := runs[owner]
			out = append(out, run[0])
			n := 1
			for ; n < len(run) && run[n].Position == position; n++ {
				if kept := &out[len(out)-1]; row.CompareOrder(kept, &run[n]) != 0 {
					out = append(out, run[n])
				} else {
					m.note(row.Stray{Change: run[n], Dropped: true, KeptFrom: kept.Partition})
				}
			}
			runs[owner] = run[n:]
		}
	}
	return out
}

// leading is how many of a run's first rows have a position.
func leading(run []row.Change, position int64) int {
	n := 0
	for n < len(run) && run[n].Position == position {
		n++
	}
	return n
}

// interleave appends the rows by comparing the runs' first ones. It is right for
// any runs that are in order.
func (m *Merger) interleave(out []row.Change, runs [][]row.Change) []row.Change {
	start := len(out)
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
			if len(out) == start || row.CompareOrder(&out[len(out)-1], &run[i]) != 0 {
				out = append(out, run[i])
			} else {
				m.note(row.Stray{Change: run[i], Dropped: true, KeptFrom: out[len(out)-1].Partition})
			}
		}
		if runs[top] = run[n:]; n == len(run) {
			last := len(m.heads) - 1
			m.heads[0] = m.heads[last]
			m.heads = m.heads[:last]
		}
		m.sink(runs, 0)
	}
	return out
}

// order counts the rows of a run that stand below what the run had reached, and
// puts the run in order where there are any.
func (m *Merger) order(i int, run []row.Change) (moved int64) {
	if len(run) == 0 {
		return 0
	}
	r := &m.reached[i]
	behind := r.any && row.CompareOrder(&r.row, &run[0]) > 0
	n := ascending(run)
	if behind || n < len(run) {
		moved = m.stray(i, run, behind)
		slices.SortStableFunc(run, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
		return moved
	}
	*r = reached{any: true, row: run[len(run)-1]}
	return 0
}

// ascending is how many of a run's first rows are in order.
func ascending(run []row.Change) int {
	for j := 1; j < len(run); j++ {
		if run[j-1].Position >= run[j].Position && row.CompareOrder(&run[j-1], &run[j]) > 0 {
			return j
		}
	}
	return len(run)
}

// stray counts the rows of a run that is not in order, or not in order after the
// batch before, which is behind.
func (m *Merger) stray(i int, run []row.Change, behind bool) (moved int64) {
	high := &run[0]
	if behind {
		high = &m.reached[i].row
		moved++
		m.note(row.Stray{Change: run[0]})
	}
	for j := 1; j < len(run); j++ {
		if row.CompareOrder(high, &run[j]) > 0 {
			moved++
			m.note(row.Stray{Change: run[j]})
		} else {
			high = &run[j]
		}
	}
	m.reached[i] = reached{any: true, row: *high}
	return moved
}

// Strays returns the first rows that the latest batch made it drop or move, nil for
// none. They are the caller's.
func (m *Merger) Strays() []row.Stray { return m.strays }

// note keeps a row that was dropped or moved, as long as there are few.
func (m *Merger) note(s row.Stray) {
	if len(m.strays) < row.MostStrays {
		m.strays = append(m.strays, s)
	}
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
