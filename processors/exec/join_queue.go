package exec

import (
	"slices"
	"sort"

	"parallax/processors/row"
)

// joinQueue is the rows of one side of a key, by time and then arrival. They come
// mostly at the end and leave at the beginning.
type joinQueue struct {
	rows  []*joinRow
	first int // of those that are there
}

func (q *joinQueue) len() int { return len(q.rows) - q.first }

// list are the rows, until the queue changes.
func (q *joinQueue) list() []*joinRow { return q.rows[q.first:] }

// insert puts in a row that came after all others.
func (q *joinQueue) insert(r *joinRow) {
	if len(q.rows) == cap(q.rows) && q.first > len(q.rows)/2 {
		n := copy(q.rows, q.rows[q.first:])
		clear(q.rows[n:])
		q.rows, q.first = q.rows[:n], 0
	}
	i := len(q.rows)
	for i > q.first && q.rows[i-1].time > r.time {
		i--
	}
	q.rows = slices.Insert(q.rows, i, r)
}

// pop takes the first row out.
func (q *joinQueue) pop() *joinRow {
	r := q.rows[q.first]
	q.rows[q.first] = nil
	q.first++
	if q.first == len(q.rows) {
		q.rows, q.first = q.rows[:0], 0
	}
	return r
}

// firstFrom is the index of the first row that is not before a time.
func firstFrom(rows []*joinRow, time int64) int {
	return sort.Search(len(rows), func(i int) bool { return rows[i].time >= time })
}

// joinEnd is the time at which the rows of a side of a key are examined.
type joinEnd struct {
	at   int64 // the watermark
	key  *row.Key[joinKey]
	side int
}

// joinEnds is a binary heap, the earliest first.
type joinEnds []joinEnd

func (h *joinEnds) push(e joinEnd) {
	*h = append(*h, e)
	list := *h
	for i := len(list) - 1; i > 0; {
		up := (i - 1) / 2
		if list[up].at <= list[i].at {
			return
		}
		list[up], list[i] = list[i], list[up]
		i = up
	}
}

// pop takes the earliest out.
func (h *joinEnds) pop() {
	list := *h
	n := len(list) - 1
	list[0], list[n] = list[n], joinEnd{}
	list = list[:n]
	*h = list
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(list) {
			return
		}
		if down+1 < len(list) && list[down+1].at < list[down].at {
			down++
		}
		if list[i].at <= list[down].at {
			return
		}
		list[i], list[down] = list[down], list[i]
		i = down
	}
}
