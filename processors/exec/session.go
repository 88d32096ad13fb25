package exec

import (
	"cmp"
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// session groups records by key and by what lies no further than a gap from one
// another.
//
// A key's sessions are more than a gap apart, so a record that joins two of them
// joins neighbours, and what it makes of them is more than a gap from the others.
type session struct {
	intake intake // its store stays empty
	gap    int64
	// stay is the gap and the grace: how long after its last record, in time, a
	// session takes another one.
	stay int64
	// doubles are the folds that add in input order: of them each session keeps
	// what it added, to add it anew when it becomes one with another.
	doubles []int

	byKey keyTable[keySessions, *keySessions]
	open  int64 // sessions
	idle  int   // keys without one
	due   closings
	// free are sessions to be used again; ended and at are scratch: sessions that
	// close, and the window of one.
	free, ended []*openSession
	at          state.Window
}

// keySessions are the open sessions of a key, by first, and what was written of
// the key.
type keySessions struct {
	list    []*openSession
	written row.Written
	entryMark
}

// openSession is [first, last + gap).
type openSession struct {
	aggregate.Group
	key         *row.Key[keySessions]
	first, last int64
	doubles     [][]aggregate.Addend // of each of session.doubles
	// isMerged says that it was merged into another one.
	isMerged bool
}

func newSession(q *plan.Query, opt Options) (*session, error) {
	n, err := newIntake(q, opt)
	if err != nil {
		return nil, err
	}
	s := &session{intake: n, gap: n.window.Size, stay: row.AddTime(n.window.Size, n.window.Grace)}
	for i, f := range n.Folds {
		if f.InOrder() {
			s.doubles = append(s.doubles, i)
		}
	}
	return s, nil
}

func (s *session) begin(b *row.Batch, out *Result) {
	s.intake.begin(b, out)
}

func (s *session) keys() int64 { return s.open }

// act takes a record into its key's session. Which that is, and so whether the
// record is late, depends on its key: an error there comes first.
func (s *session) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	n := &s.intake
	if d, ok := n.admits(i); !ok {
		return d
	}
	if err := n.evaluate(); err != nil {
		return n.out.refuse(i, err)
	}
	if !hashed {
		hash = row.Hash(n.tuple)
	}
	k := s.byKey.Find(hash, n.tuple)
	at, from, to := s.intake.input.Record.EventTime, 0, 0
	if k != nil {
		from, to = s.near(k.Data.list, at)
	}
	first, last := at, at
	if from < to {
		first, last = min(at, k.Data.list[from].first), max(at, k.Data.list[to-1].last)
	}
	if row.AddTime(last, s.stay) < s.intake.input.Record.Watermark {
		n.tooLate(i, 1)
		return row.Late
	}
	if k == nil {
		k = s.byKey.Add(hash, n.tuple)
		s.idle++
	}
	s.byKey.touch(k)
	return s.take(k, from, to, first, last, place{position, 1, int32(i)})
}

// near is the range of a key's sessions that a time is no further than a gap
// from.
func (s *session) near(list []*openSession, at int64) (from, to int) {
	from = len(list)
	for from > 0 && row.AddTime(list[from-1].last, s.gap) >= at {
		from--
	}
	to = from
	for to < len(list) && row.AddTime(list[to].first, -s.gap) <= at {
		to++
	}
	return from, to
}

// take takes the record into a key's sessions [from, to), which become one from
// first to last, and emits what that changes: a row whose bounds are no longer
// so is retracted.
func (s *session) take(k *row.Key[keySessions], from, to int, first, last int64, at place) row.Disposition {
	joined := k.Data.list[from:to]
	same := len(joined) == 1 && joined[0].first == first && joined[0].last == last
	emitted := false
	for _, o := range joined {
		emitted = emitted || isShown(&o.Group)
		if !same && isShown(&o.Group) {
			s.intake.output.stage(o.key.Values, s.window(o), &o.Group)
			s.emit(o, at, false)
		}
	}
	if len(joined) == 0 {
		if len(k.Data.list) == 0 {
			s.idle--
		}
		k.Data.list = slices.Insert(k.Data.list, from, s.begun(k))
	}
	all := k.Data.list[from]
	if len(joined) > 1 {
		for _, o := range joined[1:] {
			s.merge(all, o)
			o.isMerged = true
			s.open--
		}
		k.Data.list = slices.Delete(k.Data.list, from+1, to)
	}
	all.first, all.last = first, last
	if len(joined) == 0 {
		s.due.push(closing{s.closes(all), all})
	}
	s.add(all, at.position)
	if s.intake.final {
		return row.StateOnly
	}
	if shows := s.look(all); shows || isShown(&all.Group) {
		s.emit(all, at, shows)
	}
	if emitted || isShown(&all.Group) {
		return row.Output
	}
	return row.StateOnly
}

// spare is a session to begin with: one that is over, or a new one.
func (s *session) spare() *openSession {
	if n := len(s.free); n > 0 {
		o := s.free[n-1]
		s.free = s.free[:n-1]
		return o
	}
	o := &openSession{Group: aggregate.Group{Words: make([]uint64, s.intake.Words)}}
	if s.intake.Texts > 0 {
		o.Texts = make([]string, s.intake.Texts)
	}
	if len(s.doubles) > 0 {
		o.doubles = make([][]aggregate.Addend, len(s.doubles))
	}
	return o
}

// mostSpare is how many sessions are kept for use.
const mostSpare = 4096

// over keeps a session that nothing points to any more for another one.
func (s *session) over(o *openSession) {
	for i := range s.intake.Folds {
		if f := &s.intake.Folds[i]; f.Tally != nil {
			f.Tally.Release(&o.Words[f.At])
		}
	}
	if len(s.free) < mostSpare {
		for i := range o.doubles {
			o.doubles[i] = o.doubles[i][:0]
		}
		o.key = nil
		s.free = append(s.free, o)
	}
}

// begun is a session without records.
func (s *session) begun(k *row.Key[keySessions]) *openSession {
	o := s.spare()
	o.key, o.isMerged = k, false
	begin(&o.Group, s.intake.input.Record)
	s.open++
	return o
}

// add adds the record at hand.
func (s *session) add(o *openSession, position int64) {
	s.intake.take(&o.Group)
	for i, f := range s.doubles {
		if v := &s.intake.operands[s.intake.Folds[f].Argument]; v.Valid {
			o.doubles[i] = append(o.doubles[i], aggregate.Addend{Position: position, Bits: v.Lo})
		}
	}
}

// merge adds what another session took.
func (s *session) merge(into, from *openSession) {
	reach(&into.Group, int64(from.Words[timestampWord]))
	for i := range s.intake.Folds {
		s.intake.Folds[i].Merge(&into.Group, &from.Group)
	}
	for i, f := range s.doubles {
		all := slices.Concat(into.doubles[i], from.doubles[i])
		slices.SortFunc(all, func(a, b aggregate.Addend) int { return cmp.Compare(a.Position, b.Position) })
		into.doubles[i] = all
		s.intake.Folds[f].Again(&into.Group, all)
	}
}

// look stages a session and reports whether HAVING holds for it.
func (s *session) look(o *openSession) bool {
	return s.intake.output.passesHaving(o.key.Values, s.window(o), &o.Group, s.intake.out)
}

// window is a session's, until the next call.
func (s *session) window(o *openSession) *state.Window {
	s.at.Start, s.at.End = o.first, row.AddTime(o.last, s.gap)
	return &s.at
}

// emit appends the row of a session that was looked at, or its deletion.
func (s *session) emit(o *openSession, at place, shows bool) {
	setShown(&o.Group, shows)
	w := s.window(o)
	c := s.intake.change(w, &o.Group, at)
	c.Step, c.Key, c.Written, c.Values = 0, o.key.Values, nil, nil
	if s.intake.output.wholeKey {
		c.Written = &o.key.Data.written
	} else {
		c.Key = s.intake.output.key(s.intake.out)
	}
	if shows {
		c.Step, c.Values = 1, s.intake.output.values(o.key.Values, &o.Group, s.intake.out)
	}
}
