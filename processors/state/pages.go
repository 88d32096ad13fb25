package state

import "slices"

// pages holds rows of width elements each, by number. A row stays where it is, but
// for the first time that it is written to after it was shared.
type pages[T any] struct {
	width int
	list  [][]T
	// shared says of the first pages whether a frozen store may have them: such pages
	// are not written to but copied.
	shared []bool
}

// pageRows is how many rows are allocated at once.
const pageRows = 64

func (p *pages[T]) row(i uint32) []T {
	at := int(i%pageRows) * p.width
	return p.list[i/pageRows][at : at+p.width : at+p.width]
}

// own is row, to be written to.
func (p *pages[T]) own(i uint32) []T {
	if n := i / pageRows; n < uint32(len(p.shared)) && p.shared[n] {
		p.takeOver(n)
	}
	return p.row(i)
}

// It is not inlined, so that own is.
//
//go:noinline
func (p *pages[T]) takeOver(page uint32) {
	p.list[page], p.shared[page] = slices.Clone(p.list[page]), false
}

// share returns pages that hold for good what these hold now, and may be read by
// another goroutine while own is called here.
func (p *pages[T]) share() pages[T] {
	if p.shared = p.shared[:0]; cap(p.shared) < len(p.list) {
		p.shared = make([]bool, 0, len(p.list))
	}
	for range p.list {
		p.shared = append(p.shared, true)
	}
	return pages[T]{width: p.width, list: slices.Clone(p.list)}
}

// add makes sure that there is a row i, given that there are all before it.
func (p *pages[T]) add(i uint32) {
	if int(i/pageRows) == len(p.list) {
		p.list = append(p.list, make([]T, p.width*pageRows))
	}
}
