package exec

import (
	"cmp"
	"container/heap"
	"slices"

	"parallax/processors/row"
)

// closing is when a session may close, at the earliest: records that come later
// put it off, which is found out when it is due.
type closing struct {
	at      int64 // the watermark
	session *openSession
}

// closings is a heap, the earliest first.
type closings []closing

func (c closings) Len() int           { return len(c) }
func (c closings) Less(i, j int) bool { return c[i].at < c[j].at }
func (c closings) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *closings) Push(x any)        { *c = append(*c, x.(closing)) }
func (c *closings) Pop() any {
	n := len(*c) - 1
	last := (*c)[n]
	(*c)[n] = closing{}
	*c = (*c)[:n]
	return last
}

// closes is the smallest watermark at which a session has closed: it takes
// records while last + gap + grace >= watermark.
func (s *session) closes(o *openSession) int64 { return o.last + s.gap + s.grace + 1 }

func (s *session) nextClose() int64 {
	if len(s.due) == 0 {
		return never
	}
	return s.due[0].at
}

// advance closes the sessions that a watermark ends, by end, start and key.
func (s *session) advance(i int, position, watermark int64) {
	var ended []*openSession
	for len(s.due) > 0 && s.due[0].at <= watermark {
		o := s.due[0].session
		switch at := s.closes(o); {
		case o.gone:
			heap.Pop(&s.due)
		case at > watermark:
			s.due[0].at = at
			heap.Fix(&s.due, 0)
		default:
			heap.Pop(&s.due)
			o.gone = true
			ended = append(ended, o)
		}
	}
	if s.intake.final {
		slices.SortFunc(ended, func(a, b *openSession) int {
			return cmp.Or(cmp.Compare(a.last, b.last), cmp.Compare(a.first, b.first), row.CompareKeys(a.key.Values, b.key.Values))
		})
	}
	for _, o := range ended {
		if s.intake.final && s.look(o) {
			s.emit(o, place{position, 0, int32(i)}, true)
		}
		s.forget(o)
	}
	s.intake.out.ClosedWindows += int64(len(ended))
	s.sweep()
}

// forget takes a session out of its key's.
func (s *session) forget(o *openSession) {
	list := o.key.Data.list
	i := slices.Index(list, o)
	o.key.Data.list = slices.Delete(list, i, i+1)
	if len(o.key.Data.list) == 0 {
		s.idle++
	}
	s.open--
}

// sweep drops keys without a session once they outnumber the others.
func (s *session) sweep() {
	const some = 1024
	if s.idle > s.byKey.Len()-s.idle+some {
		s.byKey.Retain(func(k *row.Key[keySessions]) bool { return len(k.Data.list) > 0 })
		s.idle = 0
	}
}
