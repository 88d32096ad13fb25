package frozen

import (
	"runtime"
	"testing"
)

// table has numbers as entries.
type table struct {
	marks  []Mark
	values []int
	views  Views[int, int]
	copied int
}

func newTable(values ...int) *table {
	return &table{marks: make([]Mark, len(values)), values: values}
}

func (t *table) set(i, value int) {
	if t.views.IsOpen() {
		t.views.Save(&t.marks[i], i)
	}
	t.values[i] = value
}

func (t *table) freeze() *View[int, int] {
	return t.views.Open(func(i int) int {
		t.copied++
		return t.values[i]
	})
}

func TestEachViewHasTheEntriesOfItsMoment(t *testing.T) {
	tab := newTable(1, 2, 3)
	first := tab.freeze()
	tab.set(0, 10)
	second := tab.freeze()
	tab.set(0, 11)
	tab.set(1, 20)
	for range 2 { // again and again
		for i, want := range [][2]int{{1, 10}, {2, 2}, {3, 3}} {
			if got := [2]int{first.Read(&tab.marks[i], i), second.Read(&tab.marks[i], i)}; got != want {
				t.Errorf("entry %d is %v, want %v", i, got, want)
			}
		}
	}
}

func TestTheOwnerCopiesAnEntryOnceForAView(t *testing.T) {
	tab := newTable(1, 2)
	view := tab.freeze()
	for i := range 5 {
		tab.set(0, i)
	}
	if tab.copied != 1 {
		t.Errorf("an entry was copied %d times", tab.copied)
	}
	runtime.KeepAlive(view)
}

func TestANewEntryIsNotCopied(t *testing.T) {
	tab := newTable(1)
	view := tab.freeze()
	tab.marks, tab.values = append(tab.marks, Mark{}), append(tab.values, 2)
	tab.views.Added(&tab.marks[1])
	tab.set(1, 3)
	if tab.copied != 0 {
		t.Errorf("%d entries were copied", tab.copied)
	}
	runtime.KeepAlive(view)
}

// TestAViewThatNothingRefersToIsClosed waits until the garbage collector has found that.
func TestAViewThatNothingRefersToIsClosed(t *testing.T) {
	tab := newTable(1, 2)
	kept := tab.freeze()
	tab.freeze()
	of := tab.views.open[1]
	tab.set(0, 5)
	for !of.isClosed.Load() {
		runtime.GC()
		runtime.Gosched()
	}
	tab.set(1, 6)
	if len(tab.views.open) != 1 || kept.Read(&tab.marks[1], 1) != 2 {
		t.Errorf("%d views are open, want 1", len(tab.views.open))
	}
}
