package exec

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
)

// slide keeps up what a frame comes to as it moves on by one row: the row that
// enters it is added, the one that leaves it is taken away. What is added must
// come away again exactly, so a sum of DOUBLEs is none, unless its frame keeps
// all rows: it is added up anew for each row, in input order, so that it does not
// depend on where a run was stopped or cut.
type slide struct {
	op       sliding
	argument int
	// preceding is how many rows the frame has before the record; all: every one.
	preceding int64
	larger    bool // MAX, not MIN
	// at is the index of its first word, text and deque are its indexes in the texts and deques.
	at, text, deque int
}

// all is the preceding of a frame that begins with the partition.
const all = math.MaxInt64

// sliding says what a slide keeps.
type sliding uint8

const (
	slideCount     sliding = iota // n: values that are not NULL
	slideNarrow                   // n, sum of one word: the frame holds no more
	slideWhole                    // n, sum of 128 bits, of values of one word
	slideWide                     // n, sum of 192 bits
	slideDouble                   // n, sum, where no row leaves
	slideBest                     // a deque
	slideBestEver                 // n, value of 128 bits or the text, where no row leaves
	slideFirstEver                // n, value of 128 bits or the text of the first row
)

// slideWords is how many words each takes.
var slideWords = [...]int{
	slideCount: 1, slideNarrow: 2, slideWhole: 3, slideWide: 4, slideDouble: 2, slideBest: 0, slideBestEver: 3, slideFirstEver: 3,
}

// slide returns the number of a slide that keeps this up; those that do the same
// are shared.
func (o *over) slide(l slide) *slide {
	if i := slices.IndexFunc(o.slides, func(m slide) bool {
		return m.op == l.op && m.argument == l.argument && m.preceding == l.preceding && m.larger == l.larger
	}); i >= 0 {
		return &o.slides[i]
	}
	l.at, l.text, l.deque = o.layout.words, o.layout.texts, o.layout.deques
	o.layout.words += slideWords[l.op]
	switch l.op {
	case slideBest:
		o.layout.deques++
	case slideBestEver, slideFirstEver:
		o.layout.texts++
	}
	o.slides = append(o.slides, l)
	return &o.slides[len(o.slides)-1]
}

// begun begins a partition that has just got its first record.
func (o *over) begun(s *overState) {
	s.partition = homeOf(o.env.Record)
	o.makeRoom(s)
	o.keepWritten(s)
}

// makeRoom gives a partition what its slides and rings lie in.
func (o *over) makeRoom(s *overState) {
	s.words = make([]uint64, o.layout.words)
	s.texts = make([]string, o.layout.texts)
	s.deques = make([]deque, o.layout.deques)
	s.rings = make([]ring, len(o.arguments))
}

// take takes the evaluated record into its partition.
func (o *over) take(s *overState) {
	n := s.rows
	for i := range o.slides {
		l := &o.slides[i]
		if n > l.preceding {
			l.leave(s, n-l.preceding-1)
		}
		l.enter(s, n, &o.arguments[l.argument], &o.operands[l.argument])
	}
	for _, r := range o.refolds {
		r.enter(o, s)
	}
	for i := range o.arguments {
		if a := &o.arguments[i]; a.keep > 0 {
			s.rings[i].put(n, a, &o.operands[i])
		}
	}
	if at := o.env.Record.EventTime; n == 0 || at != s.time {
		s.time, s.rank = at, n+1
		s.dense++
	}
	s.rows++
}

// leave takes row n away.
func (l *slide) leave(s *overState, n int64) {
	if l.op == slideBest {
		s.deques[l.deque].expire(n)
		return
	}
	r := &s.rings[l.argument]
	i := r.at(n)
	if !r.valid[i] {
		return
	}
	w := s.words[l.at:]
	w[0]--
	switch l.op {
	case slideNarrow:
		w[1] -= r.low[i]
	case slideWhole:
		var borrow uint64
		w[1], borrow = bits.Sub64(w[1], r.low[i], 0)
		w[2] -= uint64(int64(r.low[i])>>63) + borrow
	case slideWide:
		o := r.operand(i)
		var borrow uint64
		w[1], borrow = bits.Sub64(w[1], o.Lo, 0)
		w[2], borrow = bits.Sub64(w[2], uint64(o.Hi), borrow)
		w[3] -= uint64(o.Hi>>63) + borrow
	}
}

// enter adds row n, which is not in the ring yet.
func (l *slide) enter(s *overState, n int64, a *overArgument, o *aggregate.Operand) {
	if l.op == slideFirstEver {
		if n == 0 {
			l.keep(s, o)
		}
		return
	}
	if !o.Valid {
		return
	}
	if l.op == slideBest {
		s.deques[l.deque].enter(n, o, &s.rings[l.argument], a, l.larger)
		return
	}
	w := s.words[l.at:]
	w[0]++
	switch l.op {
	case slideNarrow:
		w[1] += o.Lo
	case slideWhole:
		var carry uint64
		w[1], carry = bits.Add64(w[1], o.Lo, 0)
		w[2] += uint64(int64(o.Lo)>>63) + carry
	case slideWide:
		var carry uint64
		w[1], carry = bits.Add64(w[1], o.Lo, 0)
		w[2], carry = bits.Add64(w[2], uint64(o.Hi), carry)
		w[3] += uint64(o.Hi>>63) + carry
	case slideDouble:
		w[1] = math.Float64bits(math.Float64frombits(w[1]) + math.Float64frombits(o.Lo))
	case slideBestEver:
		if w[0] == 1 || better(a.Compare(*o, l.kept(s)), l.larger) {
			l.keep(s, o)
		}
	}
}

// keep and kept hold on to one value; w[0] is the owner's, but for the first
// row's, where it says whether there is a value.
func (l *slide) keep(s *overState, o *aggregate.Operand) {
	w := s.words[l.at:]
	if !o.Valid {
		return
	}
	w[1], w[2] = o.Lo, uint64(o.Hi)
	s.texts[l.text] = strings.Clone(o.Text)
	if l.op == slideFirstEver {
		w[0] = 1
	}
}

func (l *slide) kept(s *overState) aggregate.Operand {
	w := s.words[l.at:]
	return aggregate.Operand{Lo: w[1], Hi: int64(w[2]), Text: s.texts[l.text], Valid: w[0] > 0}
}

// better reports whether a value that compares so to the best so far replaces it.
func better(order int, larger bool) bool { return order != 0 && (order > 0) == larger }

// deque holds the rows of a frame that are its best or may become it: each is no
// better than the one before, which leaves sooner. Of equal ones the first is the
// best.
type deque struct {
	rows     []int64 // a circle, its size a power of two
	from, to int     // from is the best; both count on
}

func (d *deque) at(i int) *int64 { return &d.rows[i&(len(d.rows)-1)] }

// best returns the row that is the best, if there is one.
func (d *deque) best() (n int64, ok bool) {
	if d.from == d.to {
		return 0, false
	}
	return *d.at(d.from), true
}

// expire drops row n, which is the first if it is there at all.
func (d *deque) expire(n int64) {
	if m, ok := d.best(); ok && m == n {
		d.from++
	}
}

// enter adds row n, which makes those that are worse hopeless.
func (d *deque) enter(n int64, o *aggregate.Operand, r *ring, a *overArgument, larger bool) {
	for d.to > d.from && better(a.Compare(*o, r.operand(r.at(*d.at(d.to - 1)))), larger) {
		d.to--
	}
	if d.to-d.from == len(d.rows) {
		d.grow()
	}
	*d.at(d.to) = n
	d.to++
}

func (d *deque) grow() {
	rows := make([]int64, max(4, 2*len(d.rows)))
	for i := d.from; i < d.to; i++ {
		rows[i-d.from] = *d.at(i)
	}
	d.rows, d.from, d.to = rows, 0, d.to-d.from
}

func (d deque) clone() deque {
	d.rows = slices.Clone(d.rows)
	return d
}

// sumIn returns what updates the sum of an argument in a frame.
func sumIn(t row.Type, preceding int64) sliding {
	switch {
	case t.Kind == row.Double:
		return slideDouble
	case !fitsWord(t):
		return slideWide
	case t.Kind == row.Int && preceding <= maxNarrow, t.Kind == row.Decimal && t.Precision <= narrowDigits && preceding <= maxNarrow:
		return slideNarrow
	case t.Kind == row.Decimal:
		return slideWide
	}
	return slideWhole
}

// A frame of maxNarrow rows before the record, of DECIMALs of up to narrowDigits
// digits or of INTs, adds up to less than 2^63.
const (
	maxNarrow    = 1_000_000
	narrowDigits = 12
)
