package state

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

// held lists a store as "start-end: keys", windows and keys in order.
func held(s *Store) []string {
	lines := []string{}
	for _, w := range s.All() {
		lines = append(lines, fmt.Sprintf("%d-%d: %s", w.Start, w.End, strings.Join(keysOf(s, w), " ")))
	}
	return lines
}

func keysOf(s *Store, w *Window) []string {
	var keys []string
	for _, g := range s.InOrder(w) {
		keys = append(keys, s.Tuple(s.KeyOf(g))[0].Str())
	}
	return keys
}

func put(s *Store, start, end int64, key string) (Group, bool) {
	tuple := []row.Value{row.NewString(key)}
	words := make([]uint64, row.KeyWords)
	row.Words(words, tuple)
	k, known := s.Find(row.Hash(tuple), words, tuple)
	if !known {
		k = s.Add(row.Hash(tuple), words, tuple)
	}
	return s.Group(s.Window(start, end), k)
}

// closeUpTo returns what was closed, as held does.
func closeUpTo(s *Store, end int64) []string {
	lines := []string{}
	s.CloseUpTo(end, func(w *Window) {
		lines = append(lines, fmt.Sprintf("%d-%d: %s", w.Start, w.End, strings.Join(keysOf(s, w), " ")))
	})
	return lines
}

// TestAStoreHoldsGroupsUntilTheirWindowsEnd holds the store against a list, over
// few keys, which share chains and are ranked, and over many, most of them idle.
func TestAStoreHoldsGroupsUntilTheirWindowsEnd(t *testing.T) {
	type group struct {
		start, end int64
		key        string
	}
	order := func(a, b group) int {
		return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.start, b.start), strings.Compare(a.key, b.key))
	}
	show := func(groups []group) []string {
		slices.SortFunc(groups, order)
		lines := []string{}
		for i, g := range groups {
			if i > 0 && groups[i-1].end == g.end && groups[i-1].start == g.start {
				lines[len(lines)-1] += " " + g.key
			} else {
				lines = append(lines, fmt.Sprintf("%d-%d: %s", g.start, g.end, g.key))
			}
		}
		return lines
	}
	for _, keys := range []int{4, 2000} {
		rapid.Check(t, func(t *rapid.T) {
			s := NewStore(1, 0, 1)
			model := map[group]string{}
			for step := range rapid.IntRange(0, 60).Draw(t, "steps") {
				if rapid.IntRange(0, 9).Draw(t, "step") > 0 {
					start := rapid.Int64Range(0, 9).Draw(t, "start")
					many := rapid.IntRange(1, keys/4).Draw(t, "keys")
					first := rapid.IntRange(0, keys-1).Draw(t, "first key")
					for i := range many {
						g := group{start, start + int64(1+step%3), fmt.Sprintf("k%04d", (first+i)%keys)}
						got, made := put(s, g.start, g.end, g.key)
						state, known := model[g]
						if made == known || known && s.Texts(got)[0] != state {
							t.Fatalf("%v: made %v with %q, want %v, %q", g, made, s.Texts(got)[0], !known, state)
						}
						s.Texts(got)[0] = fmt.Sprint(g, step)
						model[g] = s.Texts(got)[0]
					}
				} else {
					upTo := rapid.Int64Range(0, 12).Draw(t, "up to")
					var gone []group
					for g := range model {
						if g.end <= upTo {
							gone = append(gone, g)
							delete(model, g)
						}
					}
					if got, want := closeUpTo(s, upTo), show(gone); !slices.Equal(got, want) {
						t.Fatalf("up to %d closes %v, want %v", upTo, got, want)
					}
				}
				if s.Len() != int64(len(model)) {
					t.Fatalf("%d groups, want %d", s.Len(), len(model))
				}
				left := slices.Collect(maps.Keys(model))
				if got, want := held(s), show(left); !slices.Equal(got, want) {
					t.Fatalf("the store holds %v, want %v", got, want)
				}
				if end, open := s.FirstEnd(); open != (len(left) > 0) || open && end != left[0].end {
					t.Fatalf("the first end is %d, %v, want that of %v", end, open, left)
				}
			}
		})
	}
}

func TestWindowsAreInOrderOfTheirEndsThenTheirStarts(t *testing.T) {
	s := NewStore(1, 0, 1)
	for _, w := range [][2]int64{{5, 9}, {0, 4}, {2, 9}, {3, 4}} {
		put(s, w[0], w[1], "k")
	}
	if got, want := held(s), []string{"0-4: k", "3-4: k", "2-9: k", "5-9: k"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestKeysOutliveTheirGroups: rows that went out hold on to them.
func TestKeysOutliveTheirGroups(t *testing.T) {
	s := NewStore(1, 0, 1)
	g, _ := put(s, 0, 1, "old")
	key := s.Tuple(s.KeyOf(g))
	closeUpTo(s, 1)
	for i := range 5000 { // so many that the old key is forgotten
		put(s, 1, 2, fmt.Sprint(i))
	}
	closeUpTo(s, 2)
	put(s, 2, 3, "new")
	if key[0].Str() != "old" {
		t.Errorf("the key became %q", key[0].Str())
	}
}

func TestIdleKeysAreForgotten(t *testing.T) {
	s := NewStore(1, 0, 1)
	for w := range int64(20) {
		for i := range 1000 {
			put(s, w, w+1, fmt.Sprint(w, i))
		}
		closeUpTo(s, w+1)
	}
	if s.keys.n > 5000 || len(s.free) > 5000 {
		t.Errorf("%d keys and %d groups are kept of none", s.keys.n, len(s.free))
	}
}

// TestWhatOneWindowHadIsThereForTheNext: also where that begins after it has closed.
func TestWhatOneWindowHadIsThereForTheNext(t *testing.T) {
	s := NewStore(1, 0, 1)
	for w := range int64(5) {
		for i := range 5000 {
			put(s, w, w+1, fmt.Sprint(i))
		}
		closeUpTo(s, w+1)
	}
	if s.keys.n != 5000 || s.made != 5000 {
		t.Errorf("windows of the same 5000 keys have made %d keys and %d groups", s.keys.n, s.made)
	}
}

// TestABurstIsForgotten: many windows with few keys after one with many.
func TestABurstIsForgotten(t *testing.T) {
	s := NewStore(1, 0, 1)
	for w := range int64(60) {
		many := 10
		if w == 0 {
			many = 50_000
		}
		for i := range many {
			put(s, w, w+1, fmt.Sprint(i))
		}
		closeUpTo(s, w+1)
	}
	if s.keys.n > 2000 || s.made > 2000 {
		t.Errorf("%d keys and %d groups are kept of a burst that is long over", s.keys.n, s.made)
	}
}

// TestWhatIsWrittenOfKeysIsKeptOfABoundedNumber: of others there is no room, and
// keys that are forgotten make room, as those of two windows are in the third one's
// end.
func TestWhatIsWrittenOfKeysIsKeptOfABoundedNumber(t *testing.T) {
	s := NewStore(1, 0, 1)
	for w, want := range []int{mostWritten, 0, 0, mostWritten} {
		kept, w := 0, int64(w)
		for i := range mostWritten + 100 {
			g, _ := put(s, w, w+1, fmt.Sprint(w, i))
			if room := s.Written(s.KeyOf(g)); room != nil {
				kept++
				room.By = i
				if again := s.Written(s.KeyOf(g)); again != room {
					t.Fatal("a key has another room the second time")
				}
			}
		}
		if kept != want {
			t.Errorf("window %d: %d keys have room, want %d", w, kept, want)
		}
		closeUpTo(s, w+1)
	}
}
