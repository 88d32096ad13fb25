package diff

import "container/heap"

// closings are windowed identities by the watermark at which they are forgotten.
type closings struct {
	at map[int64][]*identity
	// due are the keys of at, a heap with the earliest first: sessions end at any time.
	due times
	// spare are lists to be used again.
	spare [][]*identity
}

func (c *closings) add(id *identity, until int64) {
	list, known := c.at[until]
	if !known {
		heap.Push(&c.due, until)
		if n := len(c.spare); n > 0 {
			list, c.spare = c.spare[n-1], c.spare[:n-1]
		}
	}
	c.at[until] = append(list, id)
}

// upTo lets those go that are due at a watermark; visit sees each.
func (c *closings) upTo(watermark int64, visit func(*identity)) {
	for len(c.due) > 0 && c.due[0] <= watermark {
		until := heap.Pop(&c.due).(int64)
		list := c.at[until]
		delete(c.at, until)
		for _, id := range list {
			visit(id)
		}
		clear(list)
		if len(c.spare) < mostSpare {
			c.spare = append(c.spare, list[:0])
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
