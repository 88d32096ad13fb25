// Package merge restores the total order of V2's output: it merges the changelogs of N
// partitions into the order in which V1 emits.
//
// Merge is itself part of what is tested. If it sorted rows and removed duplicates, it
// would hide exactly the faults of V2 that the comparison must find. So it drops a row only
// if another row has the same complete place in the order, never because values are equal,
// and it counts each row that it drops or moves. In a correct V2 both counts are 0.
//
// Stability: ours.
package merge

import (
	"slices"

	"parallax/processors/row"
)

// Counts are the numbers of rows that a merge read, dropped and moved.
type Counts struct {
	// Raw is the number of rows read.
	Raw int64
	// Deduplicated is the number of dropped rows: another row has the same place.
	Deduplicated int64
	// Reordered is the number of rows that come before an earlier row of their run. They
	// are moved into place within the batch; if the place is in an earlier batch, the row
	// is counted and stays in this one.
	Reordered int64
}

// Merger merges a fixed number of runs, batch after batch. It keeps the last row of each
// run, so it must be used on one goroutine. Create it with New.
type Merger struct {
	reached []reached
	// owners[k] is the run with the rows of position lowest+k: noRun if there are none,
	// severalRuns if several runs have rows there.
	owners []int32
	narrow [][]row.Change // the rows of each run at one position
	heads  []int          // heap of runs, by their first row
	strays []row.Stray    // of the batch, nil if there are none
}

const (
	noRun       = -1
	severalRuns = -2
)

type reached struct {
	any bool
	row row.Change
}

// New returns a Merger of n runs.
func New(n int) *Merger {
	return &Merger{reached: make([]reached, n), narrow: make([][]row.Change, n), heads: make([]int, 0, n)}
}

// Batch merges n runs of one batch, appends them to out and returns it. It reorders and
// advances the runs' slices. Of rows with the same place it keeps the one of the lowest
// run.
//
// A record belongs to one partition, so most positions occur in one run. Batch first
// records the run of each position and then walks the positions. It compares rows only
// where several runs have the same position, for example where time closes windows.
func (m *Merger) Batch(out []row.Change, runs [][]row.Change) ([]row.Change, Counts) {
	var c Counts
	m.strays = nil // the slice belongs to the last outcome
	for i, run := range runs {
		c.Raw += int64(len(run))
		c.Reordered += m.order(i, run)
	}
	start := len(out)
	out = slices.Grow(out, int(c.Raw))
	if lowest, dense := m.mapOwners(runs, int(c.Raw)); dense {
		out = m.walk(out, runs, lowest)
	} else {
		out = m.interleave(out, runs)
	}
	c.Deduplicated = c.Raw - int64(len(out)-start)
	return out, c
}

// mapOwners sets owners. dense is false if there are so few rows for the range of positions
// that walking it would be slow.
func (m *Merger) mapOwners(runs [][]row.Change, rows int) (lowest int64, dense bool) {
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
		m.owners[k] = noRun
	}
	for i, run := range runs {
		for j := range run {
			owner := &m.owners[run[j].Position-lowest]
			switch {
			case *owner == noRun:
				*owner = int32(i)
			case *owner != int32(i):
				*owner = severalRuns
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
		case noRun:
		case severalRuns:
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

// leading counts the first rows of a run with a position.
func leading(run []row.Change, position int64) int {
	n := 0
	for n < len(run) && run[n].Position == position {
		n++
	}
	return n
}

// interleave appends the rows by comparing the runs' first ones. It works for any ordered
// runs.
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
		// Consecutive rows mostly come from one run: append all rows before the first row
		// of the next best run at once.
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

// order counts the rows of a run that are out of order, and sorts the run if there are any.
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

// ascending is the length of the ordered prefix of a run.
func ascending(run []row.Change) int {
	for j := 1; j < len(run); j++ {
		if run[j-1].Position >= run[j].Position && row.CompareOrder(&run[j-1], &run[j]) > 0 {
			return j
		}
	}
	return len(run)
}

// stray counts the rows of a run that are out of order. behind: the first row comes before
// the last row of the previous batch.
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

// Strays returns the first rows that the last Batch dropped or moved, nil for none. The
// caller owns the slice.
func (m *Merger) Strays() []row.Stray { return m.strays }

// note records a dropped or moved row, up to a limit.
func (m *Merger) note(s row.Stray) {
	if len(m.strays) < row.MostStrays {
		m.strays = append(m.strays, s)
	}
}

// before reports whether row i of run a comes before the first row of run b. If both have
// the same place, the lower run is first.
func before(run []row.Change, i, a int, other []row.Change, b int) bool {
	c := row.CompareOrder(&run[i], &other[0])
	return c < 0 || c == 0 && a < b
}

// next returns the run with the second-best first row, -1 if there is none.
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
