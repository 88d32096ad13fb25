package state

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

// content lists all that can be read of a store's groups, in no order of theirs.
func content(s *Store) (lines []string) {
	for _, w := range s.All() {
		for _, g := range w.Groups() {
			k := s.KeyOf(g)
			if s.Hash(k) != row.Hash(s.Tuple(k)) {
				return []string{"a wrong hash"}
			}
			lines = append(lines, fmt.Sprintf("%d-%d %s: %d %s", w.Start, w.End, s.Tuple(k)[0].Str(), s.Words(g)[0], s.Texts(g)[0]))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestAFrozenStoreStaysAsItWas: no matter what the store that it was made of does
// meanwhile, on another goroutine, and however often that is frozen.
func TestAFrozenStoreStaysAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore(1, 1, 1)
		var checks []chan string
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0:
				s.CloseUpTo(rapid.Int64Range(0, 12).Draw(t, "up to"), func(w *Window) { s.InOrder(w) })
			case 1:
				frozen, want := s.Freeze(), content(s)
				if frozen.Len() != int64(len(want)) {
					t.Fatalf("%d groups are frozen, want %d", frozen.Len(), len(want))
				}
				wrong := make(chan string, 1)
				checks = append(checks, wrong)
				go func() {
					if got := content(frozen); !slices.Equal(got, want) {
						wrong <- fmt.Sprintf("frozen at step %d: %v, want %v", step, got, want)
					}
					close(wrong)
				}()
			default:
				start := rapid.Int64Range(0, 9).Draw(t, "start")
				first := rapid.IntRange(0, 1999).Draw(t, "first key")
				for i := range rapid.IntRange(1, 500).Draw(t, "keys") {
					g, made := put(s, start, start+1, fmt.Sprint((first+i)%2000))
					if made {
						s.Words(g)[0] = 0
					}
					s.Words(g)[0]++
					s.Texts(g)[0] = fmt.Sprint(step)
				}
			}
		}
		for _, wrong := range checks {
			if text := <-wrong; text != "" {
				t.Fatal(text)
			}
		}
	})
}

// TestOnlyPagesThatAreWrittenToAreCopied: that is what makes it fast.
func TestOnlyPagesThatAreWrittenToAreCopied(t *testing.T) {
	s := NewStore(1, 1, 1)
	var groups []Group
	for i := range 10 * pageRows {
		g, _ := put(s, 0, 1, fmt.Sprint(i))
		groups = append(groups, g)
	}
	f := s.Freeze()
	s.Words(groups[3])[0] = 7
	s.Words(groups[4])[0] = 7
	copied := 0
	for i := range s.groups.list {
		if &s.groups.list[i][0] != &f.groups.list[i][0] {
			copied++
		}
	}
	if copied != 1 || f.Words(groups[3])[0] != 0 {
		t.Errorf("%d pages were copied, want 1; the frozen word is %d", copied, f.Words(groups[3])[0])
	}
}
