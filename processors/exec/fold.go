package exec

import (
	"cmp"
	"math"
	"math/bits"
	"strings"

	"parallax/processors/exec/expression"
	"parallax/processors/row"
)

// fold is what an aggregate does with each record: its words lie in the group's
// from at on, the first of them a count; a text is in the group's texts.
// Aggregates that do the same share it: SUM(x) and AVG(x), say.
type fold struct {
	op       accumulation
	larger   bool // MAX, not MIN
	argument int  // -1 for COUNT(*)
	at, text int
	// tally is what it keeps where that has no fixed size: its word is a number there.
	tally *tallying
	// shows are the columns of the row that are made of it.
	shows []shown
}

// accumulation says what the words are, and what a record does to them.
type accumulation uint8

const (
	countRows accumulation = iota
	countValues
	sumWhole  // n, sum of 128 bits of operands of 64
	sumWide   // n, sum of 128 bits
	sumWidest // n, sum of 192 bits
	sumDouble // n, sum in input order
	bestWhole // n, value
	bestDouble
	bestWide // n, value of 128 bits
	bestText // n; the text apart
	momentsWhole
	momentsWide
	momentsDouble
	apart // a tally's number
)

// words is how many words each takes.
var words = [...]int{
	countRows: 1, countValues: 1, sumWhole: 3, sumWide: 3, sumWidest: 4, sumDouble: 2,
	bestWhole: 2, bestDouble: 2, bestWide: 3, bestText: 1,
	momentsWhole: 6, momentsWide: 9, momentsDouble: 3, apart: 1,
}

// size is how many words a fold takes of a group.
func (f *fold) size() int { return words[f.op] }

func bestOf(t row.Type) accumulation {
	switch {
	case expression.IsNarrow(t):
		return bestWhole
	case t.Kind == row.Decimal:
		return bestWide
	case t.Kind == row.Double:
		return bestDouble
	}
	return bestText
}

// summedPrecision is how many digits of a DECIMAL leave room in 128 bits for the
// sum of 10^18 of them, which is more than there are.
const summedPrecision = 20

// sumOf never loses a digit.
func sumOf(t row.Type) accumulation {
	switch {
	case expression.IsNarrow(t):
		return sumWhole
	case t.Kind == row.Decimal && t.Precision <= summedPrecision:
		return sumWide
	case t.Kind == row.Decimal:
		return sumWidest
	}
	return sumDouble
}

// shown is a column of the row that an aggregate makes.
type shown struct {
	column    int
	aggregate *aggregate
}

// chunkRows are the rows of a chunk's records: so many values each, side by side.
type chunkRows struct {
	values []row.Value
	width  int
	failed int64 // values that are NULL by an error
}

// show writes what a group has come to at record k. Without rows it does nothing.
func (r *chunkRows) show(f *fold, s *groupState, k int) {
	if r != nil && len(f.shows) > 0 {
		r.write(f, s, k)
	}
}

func (r *chunkRows) write(f *fold, s *groupState, k int) {
	own := r.values[k*r.width:][:r.width]
	for i := range f.shows {
		show := &f.shows[i]
		v := &own[show.column]
		if bad := show.aggregate.result(show.aggregate, s, v); bad != expression.Sound {
			v.SetNull()
			if bad > expression.IsNull {
				r.failed++
			}
		}
	}
}

// run takes operands into groups, one after the other: operand k into group k.
// Where there is room for rows, each record's gets what its group has come to.
func (f *fold) run(groups []groupState, operands []operand, rows *chunkRows) {
	at := f.at
	switch f.op {
	case countRows:
		for k := range groups {
			groups[k].words[at]++
			rows.show(f, &groups[k], k)
		}
	case countValues:
		for k := range groups {
			if operands[k].valid {
				groups[k].words[at]++
			}
			rows.show(f, &groups[k], k)
		}
	case sumWhole:
		for k := range groups {
			if o := &operands[k]; o.valid {
				w := groups[k].words[at:][:3]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.lo, 0)
				w[2] += uint64(int64(o.lo)>>63) + carry
			}
			rows.show(f, &groups[k], k)
		}
	case sumWide:
		for k := range groups {
			if o := &operands[k]; o.valid {
				w := groups[k].words[at:][:3]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.lo, 0)
				w[2] += uint64(o.hi) + carry
			}
			rows.show(f, &groups[k], k)
		}
	case sumWidest:
		for k := range groups {
			if o := &operands[k]; o.valid {
				w := groups[k].words[at:][:4]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.lo, 0)
				w[2], carry = bits.Add64(w[2], uint64(o.hi), carry)
				w[3] += uint64(o.hi>>63) + carry
			}
			rows.show(f, &groups[k], k)
		}
	case bestWhole:
		for k := range groups {
			if o := &operands[k]; o.valid {
				w := groups[k].words[at:][:2]
				w[0]++
				if w[0] == 1 || int64(o.lo) != int64(w[1]) && int64(o.lo) > int64(w[1]) == f.larger {
					w[1] = o.lo
				}
			}
			rows.show(f, &groups[k], k)
		}
	default:
		for k := range groups {
			if o := &operands[k]; o.valid {
				f.add(&groups[k], o)
			}
			rows.show(f, &groups[k], k)
		}
	}
}

// add is run for what is seldom, and one operand that there is.
func (f *fold) add(s *groupState, o *operand) {
	w := s.words[f.at:]
	w[0]++
	switch f.op {
	case sumDouble:
		w[1] = math.Float64bits(math.Float64frombits(w[1]) + math.Float64frombits(o.lo))
	case bestWide:
		if w[0] == 1 || f.better(row.Int128{Hi: o.hi, Lo: o.lo}.Cmp(row.Int128{Hi: int64(w[2]), Lo: w[1]})) {
			w[1], w[2] = o.lo, uint64(o.hi)
		}
	case bestDouble:
		if w[0] == 1 || f.better(row.Compare(double(o.lo), double(w[1]))) {
			w[1] = o.lo
		}
	case bestText:
		if w[0] == 1 || f.better(cmp.Compare(o.text, s.texts[f.text])) {
			s.texts[f.text] = strings.Clone(o.text) // the batch's is gone tomorrow
		}
	case momentsWhole:
		addMoments(w, int64(o.lo))
	case momentsWide:
		addWideMoments(w, row.Int128{Hi: o.hi, Lo: o.lo})
	case momentsDouble:
		addDoubleMoments(w, math.Float64frombits(o.lo))
	}
}

// better reports whether a value that compares so to the best so far replaces it.
func (f *fold) better(order int) bool { return order != 0 && (order > 0) == f.larger }
