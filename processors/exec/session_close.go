package exec

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// closing is the earliest time at which a session may close. Later records postpone it; that is
// noticed when the time has come.
type closing struct {
	at      int64 // the watermark
	session *openSession
}

// closings is a binary heap, the earliest first.
type closings []closing

func (c *closings) push(e closing) {
	*c = append(*c, e)
	h := *c
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].at <= h[i].at {
			return
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
}

// pop takes the earliest out.
func (c *closings) pop() {
	h := *c
	n := len(h) - 1
	h[0], h[n] = h[n], closing{}
	*c = h[:n]
	c.sink()
}

// sink puts the first in its place after its time was put off.
func (c *closings) sink() {
	h := *c
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h) {
			return
		}
		if down+1 < len(h) && h[down+1].at < h[down].at {
			down++
		}
		if h[i].at <= h[down].at {
			return
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}

// closes is the smallest watermark at which a session has closed: it takes
// records while last + gap + grace >= watermark.
func (s *session) closes(o *openSession) int64 { return row.AddTime(o.last, row.AddTime(s.stay, 1)) }

func (s *session) nextClose() int64 {
	if len(s.due) == 0 {
		return never
	}
	return s.due[0].at
}

// advance closes the sessions that a watermark ends, by end, start and key.
func (s *session) advance(i int, position, watermark int64) {
	ended := s.ended[:0]
	for len(s.due) > 0 && s.due[0].at <= watermark {
		o := s.due[0].session
		switch at := s.closes(o); {
		case o.isMerged:
			s.due.pop()
			s.over(o)
		case at > watermark:
			s.due[0].at = at
			s.due.sink()
		default:
			s.due.pop()
			s.byKey.touch(o.key)
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
		s.over(o)
	}
	s.ended = ended
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
