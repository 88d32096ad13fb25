package aggregate

import (
	"slices"

	"parallax/processors/exec/frozen"
)

// slots are places for tallies, by number. A place does not move, so goroutines may look at
// different ones.
type slots struct {
	pages []*slotPage
	n     uint32
}

const slotsInPage = 256

type slotPage struct {
	tallies [slotsInPage]Tally
	marks   [slotsInPage]frozen.Mark
}

func (s *slots) of(i uint32) *Tally { return &s.pages[i/slotsInPage].tallies[i%slotsInPage] }

func (s *slots) mark(i uint32) *frozen.Mark { return &s.pages[i/slotsInPage].marks[i%slotsInPage] }

// add returns the number of a new place.
func (s *slots) add() uint32 {
	if int(s.n/slotsInPage) == len(s.pages) {
		s.pages = append(s.pages, new(slotPage))
	}
	s.n++
	return s.n - 1
}

// forReaders are the places that are there now, for other goroutines.
func (s *slots) forReaders() slots { return slots{pages: slices.Clone(s.pages), n: s.n} }

// ForReaders returns a layout that finds the tallies of groups on other goroutines. The
// caller must make sure that the owner does not modify a group while it is read.
func (l *Layout) ForReaders() *Layout {
	c := *l
	c.Folds = slices.Clone(l.Folds)
	for i := range c.Folds {
		if t := c.Folds[i].Tally; t != nil {
			own := *t
			own.slots, own.views = t.slots.forReaders(), frozen.Views[uint32, Tally]{}
			c.Folds[i].Tally = &own
		}
	}
	return &c
}

// FreezeTallies returns a layout that copies the tallies of now for groups as they are now, on
// any goroutine, while the owner of the groups continues. The owner copies a tally before it
// first modifies it, as long as something refers to the layout that is returned.
func (l *Layout) FreezeTallies() *Layout {
	c := l.ForReaders()
	for i := range c.Folds {
		if t := c.Folds[i].Tally; t != nil {
			places := t.slots // t has the view, to which the function must not refer
			t.view = l.Folds[i].Tally.views.Open(func(at uint32) Tally { return (*places.of(at)).clone() })
		}
	}
	return c
}
