package diff

import "container/heap"

// expiries are windowed identities by the watermark at which they are forgotten.
type expiries struct {
	at map[int64][]*identity
	// due are the keys of at, a heap with the earliest first: sessions end at any time.
	due times
	// spare are lists to be used again.
	spare [][]*identity
}

func (e *expiries) add(id *identity, until int64) {
	list, known := e.at[until]
	if !known {
		heap.Push(&e.due, until)
		if n := len(e.spare); n > 0 {
			list, e.spare = e.spare[n-1], e.spare[:n-1]
		}
	}
	e.at[until] = append(list, id)
}

// upTo lets those go that are due at a watermark; visit sees each.
func (e *expiries) upTo(watermark int64, visit func(*identity)) {
	for len(e.due) > 0 && e.due[0] <= watermark {
		until := heap.Pop(&e.due).(int64)
		list := e.at[until]
		delete(e.at, until)
		for _, id := range list {
			visit(id)
		}
		clear(list)
		if len(e.spare) < mostSpare {
			e.spare = append(e.spare, list[:0])
		}
	}
}

// times is a heap of event times in ms.
type times []int64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(int64)) }
func (t *times) Pop() any {
	old := *t
	last := old[len(old)-1]
	*t = old[:len(old)-1]
	return last
}
