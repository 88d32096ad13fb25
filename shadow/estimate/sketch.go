package estimate

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Sketch is a sketch of the distribution of event times in limited memory, after Manku,
// Rajagopalan and Lindsay (1998, 1999): sorted buffers of sketchSize times, where two of
// one weight are merged into one of twice the weight by keeping every second time. An
// outlier shifts a rank by one, however large it is. After the first sketchExact times it
// keeps one of each sampledOf, selected by a generator with a fixed seed, so the same times
// in the same order give the same quantiles. The zero value is empty.
type Sketch struct {
	count int64
	// inBlock is the number of times so far in the current block of sampledOf; chosen is
	// the index of the one to keep.
	inBlock, chosen int
	random          *rand.PCG
	// filling are unsorted times of one weight.
	filling []int64
	// levels[i] is a sorted buffer of weight 2^i, nil if there is none.
	levels [][]int64
	// odd says for each level whether the next merge keeps the odd times; it alternates.
	odd []bool
	// merged is scratch of merge.
	merged []int64
}

const (
	sketchSize = 4096
	// A time that is sampled has the weight of a level of buffers.
	sampledLevel = 4
	sampledOf    = 1 << sampledLevel
	sketchExact  = sketchSize * sampledOf
)

// Add adds a time, in ms.
func (e *Sketch) Add(at int64) {
	if e.count++; e.count > sketchExact && !e.isChosen() {
		return
	}
	if e.filling == nil {
		e.filling = make([]int64, 0, sketchSize)
	}
	if e.filling = append(e.filling, at); len(e.filling) == sketchSize {
		level := 0
		if e.count > sketchExact {
			level = sampledLevel
		}
		e.storeBuffer(level)
	}
}

// isChosen reports whether the newest time is the chosen one of its block.
func (e *Sketch) isChosen() bool {
	if e.inBlock == 0 {
		if e.random == nil {
			e.random = rand.NewPCG(0, 0)
		}
		e.chosen = int(e.random.Uint64() % sampledOf)
	}
	taken := e.inBlock == e.chosen
	e.inBlock = (e.inBlock + 1) % sampledOf
	return taken
}

// storeBuffer moves the full buffer of times to the level of its weight.
func (e *Sketch) storeBuffer(level int) {
	slices.Sort(e.filling)
	full := e.filling
	e.filling = nil
	for ; ; level++ {
		for level >= len(e.levels) {
			e.levels, e.odd = append(e.levels, nil), append(e.odd, false)
		}
		if e.levels[level] == nil {
			e.levels[level] = full
			return
		}
		full = e.merge(e.levels[level], full, level)
		e.levels[level] = nil
	}
}

// merge merges two buffers of a level into one.
func (e *Sketch) merge(a, b []int64, level int) []int64 {
	all := e.merged[:0]
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if a[i] <= b[j] {
			all = append(all, a[i])
			i++
		} else {
			all = append(all, b[j])
			j++
		}
	}
	all = append(append(all, a[i:]...), b[j:]...)
	e.merged = all
	from := 0
	if e.odd[level] {
		from = 1
	}
	e.odd[level] = !e.odd[level]
	half := a[:0]
	for k := from; k < len(all); k += 2 {
		half = append(half, all[k])
	}
	e.filling = b[:0] // to be used again
	return half
}

// Span is the distance from the quantile q to the quantile 1 - q of the times, in ms, so
// that a share q is ignored on either side; 0 if there are no times.
func (e *Sketch) Span(q float64) int64 {
	type weighted struct{ at, weight int64 }
	var all []weighted
	filling := int64(1)
	if e.count > sketchExact {
		filling = sampledOf
	}
	for _, at := range e.filling {
		all = append(all, weighted{at, filling})
	}
	for level, buffer := range e.levels {
		for _, at := range buffer {
			all = append(all, weighted{at, 1 << level})
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.SortFunc(all, func(a, b weighted) int { return cmp.Compare(a.at, b.at) })
	outside := int64(q * float64(e.count)) // on either side
	first, last := 0, len(all)-1
	for below := all[0].weight; below <= outside && first < len(all)-1; below += all[first].weight {
		first++
	}
	for above := all[last].weight; above <= outside && last > first; above += all[last].weight {
		last--
	}
	return all[last].at - all[first].at
}

// Points calls visit with times, in no order, and the number of times that each stands for.
func (e *Sketch) Points(visit func(at, weight int64)) {
	filling := int64(1)
	if e.count > sketchExact {
		filling = sampledOf
	}
	for _, at := range e.filling {
		visit(at, filling)
	}
	for level, buffer := range e.levels {
		for _, at := range buffer {
			visit(at, 1<<level)
		}
	}
}
