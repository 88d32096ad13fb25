package state

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

func keyOf(s *Store, key string) Key {
	tuple := []row.Value{row.NewString(key)}
	words := make([]uint64, row.KeyWords)
	row.Words(words, tuple)
	k, known := s.Find(row.Hash(tuple), words, tuple)
	if !known {
		k = s.Add(row.Hash(tuple), words, tuple)
	}
	return k
}

// TestGroupsOfSeveralWindowsAreThoseOfEach compares a store that is asked for all
// windows of a record at once with one that is asked for each of them.
func TestGroupsOfSeveralWindowsAreThoseOfEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		advance := rapid.Int64Range(1, 3).Draw(t, "advance")
		size := advance * rapid.Int64Range(1, 6).Draw(t, "windows")
		together, single := NewStore(1, 0, 1), NewStore(1, 0, 1)
		var closed int64
		for step := range rapid.IntRange(0, 80).Draw(t, "steps") {
			if rapid.IntRange(0, 5).Draw(t, "step") == 0 {
				closed += rapid.Int64Range(0, 2*size).Draw(t, "time that passes")
				if got, want := closeUpTo(together, closed), closeUpTo(single, closed); !slices.Equal(got, want) {
					t.Fatalf("up to %d closes %v, want %v", closed, got, want)
				}
				continue
			}
			first := (closed/advance + rapid.Int64Range(0, 8).Draw(t, "first window")) * advance
			last := first + advance*rapid.Int64Range(0, 5).Draw(t, "more windows")
			if rapid.IntRange(0, 15).Draw(t, "burst") == 0 { // so many that the stores forget them later
				for i := range 1500 {
					key := fmt.Sprint("burst", i)
					together.Texts(together.GroupsOf(keyOf(together, key), together.Windows(first, first, advance, size))[0].Group)[0] = key
					g, _ := put(single, first, first+size, key)
					single.Texts(g)[0] = key
				}
			}
			for range rapid.IntRange(1, 4).Draw(t, "keys") {
				key := fmt.Sprint("k", rapid.IntRange(0, 3).Draw(t, "key"))
				found := together.GroupsOf(keyOf(together, key), together.Windows(first, last, advance, size))
				if len(found) != int((last-first)/advance)+1 {
					t.Fatalf("%d windows from %d to %d by %d", len(found), first, last, advance)
				}
				for i, in := range found {
					start := first + int64(i)*advance
					if in.Window.Start != start || in.Window.End != start+size {
						t.Fatalf("window %d is %d to %d, want %d to %d", i, in.Window.Start, in.Window.End, start, start+size)
					}
					g, made := put(single, start, start+size, key)
					if made != in.Made || !made && together.Texts(in.Group)[0] != single.Texts(g)[0] {
						t.Fatalf("%s in %d: made %v, want %v; %q, want %q", key, start, in.Made, made, together.Texts(in.Group), single.Texts(g))
					}
					together.Texts(in.Group)[0], single.Texts(g)[0] = fmt.Sprint(step, i), fmt.Sprint(step, i)
				}
			}
			if got, want := held(together), held(single); !slices.Equal(got, want) {
				t.Fatalf("the store holds %v, want %v", got, want)
			}
		}
	})
}

// TestManyWindowsOfAKeyTakeStepsInProportion has so many windows that steps in
// proportion to their square would take hours.
func TestManyWindowsOfAKeyTakeStepsInProportion(t *testing.T) {
	const windows, rounds = 400_000, 5
	s := NewStore(1, 1, 0)
	k := keyOf(s, "k")
	for round := range int64(rounds) {
		made := 0
		for _, in := range s.GroupsOf(k, s.Windows(round, round+windows-1, 1, windows)) {
			if in.Made {
				made++
			}
		}
		if want := map[bool]int{true: windows, false: 1}[round == 0]; made != want {
			t.Fatalf("round %d makes %d groups, want %d", round, made, want)
		}
	}
	// Each of the newest windows is found, and a newer one opened, at once.
	for i := range int64(windows) {
		if _, made := s.Group(s.Window(windows+rounds+i, 2*windows+rounds+i), k); !made {
			t.Fatalf("window %d was there", i)
		}
	}
	closed := 0
	s.CloseUpTo(5*windows, func(w *Window) { closed += len(s.InOrder(w)) })
	if want := 2*windows + rounds - 1; closed != want || s.Len() != 0 {
		t.Errorf("%d groups were closed, want %d; %d are left", closed, want, s.Len())
	}
}
