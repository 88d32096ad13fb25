package state

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// held lists a store as "start-end: groups", windows and groups in order.
func held(s *Store[string]) []string {
	lines := []string{}
	for _, w := range s.All() {
		lines = append(lines, fmt.Sprintf("%d-%d: %s", w.Start, w.End, strings.Join(w.Groups(strings.Compare), " ")))
	}
	return lines
}

func TestAStoreHoldsGroupsUntilTheirWindowsEnd(t *testing.T) {
	type group struct {
		start, end int64
		key        string
	}
	order := func(a, b group) int {
		return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start), strings.Compare(a.key, b.key))
	}
	rapid.Check(t, func(t *rapid.T) {
		var s Store[string]
		var model []group
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "step") > 0 {
				start := rapid.Int64Range(0, 9).Draw(t, "start")
				g := group{start, start + rapid.Int64Range(1, 3).Draw(t, "size"), rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "key")}
				w := s.Window(g.start, g.end)
				got, ok := w.Group([]byte(g.key))
				if known := slices.Contains(model, g); ok != known || known && got != g.key {
					t.Fatalf("%v: found %q, %v, want %v", g, got, ok, known)
				}
				if !ok {
					s.Add(w, g.key, g.key)
					model = append(model, g)
				}
			} else {
				upTo := rapid.Int64Range(0, 12).Draw(t, "up to")
				var closed []group
				for _, w := range s.CloseUpTo(upTo) {
					for _, key := range w.Groups(strings.Compare) {
						closed = append(closed, group{w.Start, w.End, key})
					}
				}
				var want, left []group
				for _, g := range model {
					if g.end <= upTo {
						want = append(want, g)
					} else {
						left = append(left, g)
					}
				}
				slices.SortFunc(want, order)
				if !slices.Equal(closed, want) {
					t.Fatalf("up to %d closes %v, want %v", upTo, closed, want)
				}
				model = left
			}
			if s.Len() != int64(len(model)) {
				t.Fatalf("%d groups, want %d", s.Len(), len(model))
			}
			slices.SortFunc(model, order)
			if end, open := s.FirstEnd(); open != (len(model) > 0) || open && end != model[0].end {
				t.Fatalf("the first end is %d, %v, want that of %v", end, open, model)
			}
		}
	})
}

func TestWindowsAreInOrderOfTheirEndsThenTheirStarts(t *testing.T) {
	var s Store[string]
	for _, w := range [][2]int64{{5, 9}, {0, 4}, {2, 9}, {3, 4}} {
		s.Add(s.Window(w[0], w[1]), "k", "k")
	}
	if got, want := held(&s), []string{"0-4: k", "3-4: k", "2-9: k", "5-9: k"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWindowsThatWereClosedAreNotWrittenToByLaterOnes(t *testing.T) {
	var s Store[string]
	s.Add(s.Window(0, 1), "old", "old")
	closed := s.CloseUpTo(1)
	s.Add(s.Window(0, 1), "new", "new")
	if got := closed[0].Groups(strings.Compare); !slices.Equal(got, []string{"old"}) {
		t.Errorf("the closed window holds %q", got)
	}
	if got, want := held(&s), []string{"0-1: new"}; !slices.Equal(got, want) {
		t.Errorf("the store holds %q", got)
	}
}
