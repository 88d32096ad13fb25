package state

// pages holds rows of width elements each, by number. A row stays where it is.
type pages[T any] struct {
	width int
	list  [][]T
}

// pageRows is how many rows are allocated at once.
const pageRows = 64

func (p *pages[T]) row(i uint32) []T {
	at := int(i%pageRows) * p.width
	return p.list[i/pageRows][at : at+p.width : at+p.width]
}

// add makes sure that there is a row i, given that there are all before it.
func (p *pages[T]) add(i uint32) {
	if int(i/pageRows) == len(p.list) {
		p.list = append(p.list, make([]T, p.width*pageRows))
	}
}
