package aggregate

import (
	"cmp"
	"math"
	"math/bits"
	"strings"

	"parallax/processors/exec/expression"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Fold applies records to an aggregate. Its words begin at index At of the
// group's words, and the first of them is a count; a text is among the group's texts.
// Aggregates that do the same work share a fold: SUM(x) and AVG(x), for example.
type Fold struct {
	op       accumulation
	larger   bool // MAX, not MIN
	Argument int  // -1 for COUNT(*)
	At, text int
	// Tally is its state if that has no fixed size; then its word is the index of the state.
	Tally *tallying
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

// Size returns the number of words that a fold occupies in a group.
func (f *Fold) Size() int { return words[f.op] }

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
	aggregate *Result
}

// Rows are the rows made of a chunk's records: each has the same number of values, and they
// lie side by side.
type Rows struct {
	Values []row.Value
	Width  int
	Failed int64 // values that are NULL by an error
}

// Show writes a group's result at record k. Without rows it does nothing.
func (r *Rows) Show(f *Fold, s *Group, k int) {
	if r != nil && len(f.shows) > 0 {
		r.write(f, s, k)
	}
}

func (r *Rows) write(f *Fold, s *Group, k int) {
	own := r.Values[k*r.Width:][:r.Width]
	for i := range f.shows {
		show := &f.shows[i]
		v := &own[show.column]
		if bad := show.aggregate.result(show.aggregate, s, v); bad != expression.Sound {
			v.SetNull()
			if bad > expression.IsNull {
				r.Failed++
			}
		}
	}
}

// Run adds operands to groups, in order: operand k to group k. Where there is room for
// rows, each record's row receives the result of its group so far.
func (f *Fold) Run(groups []Group, operands []Operand, rows *Rows) {
	at := f.At
	switch f.op {
	case countRows:
		for k := range groups {
			groups[k].Words[at]++
			rows.Show(f, &groups[k], k)
		}
	case countValues:
		for k := range groups {
			if operands[k].Valid {
				groups[k].Words[at]++
			}
			rows.Show(f, &groups[k], k)
		}
	case sumWhole:
		for k := range groups {
			if o := &operands[k]; o.Valid {
				w := groups[k].Words[at:][:3]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.Lo, 0)
				w[2] += uint64(int64(o.Lo)>>63) + carry
			}
			rows.Show(f, &groups[k], k)
		}
	case sumWide:
		for k := range groups {
			if o := &operands[k]; o.Valid {
				w := groups[k].Words[at:][:3]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.Lo, 0)
				w[2] += uint64(o.Hi) + carry
			}
			rows.Show(f, &groups[k], k)
		}
	case sumWidest:
		for k := range groups {
			if o := &operands[k]; o.Valid {
				w := groups[k].Words[at:][:4]
				w[0]++
				var carry uint64
				w[1], carry = bits.Add64(w[1], o.Lo, 0)
				w[2], carry = bits.Add64(w[2], uint64(o.Hi), carry)
				w[3] += uint64(o.Hi>>63) + carry
			}
			rows.Show(f, &groups[k], k)
		}
	case bestWhole:
		for k := range groups {
			if o := &operands[k]; o.Valid {
				w := groups[k].Words[at:][:2]
				w[0]++
				if w[0] == 1 || int64(o.Lo) != int64(w[1]) && int64(o.Lo) > int64(w[1]) == f.larger {
					w[1] = o.Lo
				}
			}
			rows.Show(f, &groups[k], k)
		}
	default:
		for k := range groups {
			if o := &operands[k]; o.Valid {
				f.Add(&groups[k], o)
			}
			rows.Show(f, &groups[k], k)
		}
	}
}

// Add is Run for uncommon folds, and a single operand.
func (f *Fold) Add(s *Group, o *Operand) {
	w := s.Words[f.At:]
	w[0]++
	switch f.op {
	case sumDouble:
		w[1] = math.Float64bits(math.Float64frombits(w[1]) + math.Float64frombits(o.Lo))
	case bestWide:
		if w[0] == 1 || f.better(numeric.Int128{Hi: o.Hi, Lo: o.Lo}.Cmp(numeric.Int128{Hi: int64(w[2]), Lo: w[1]})) {
			w[1], w[2] = o.Lo, uint64(o.Hi)
		}
	case bestDouble:
		if w[0] == 1 || f.better(row.Compare(double(o.Lo), double(w[1]))) {
			w[1] = o.Lo
		}
	case bestText:
		if w[0] == 1 || f.better(cmp.Compare(o.Text, s.Texts[f.text])) {
			s.Texts[f.text] = strings.Clone(o.Text) // the batch's is gone tomorrow
		}
	case momentsWhole:
		addMoments(w, int64(o.Lo))
	case momentsWide:
		addWideMoments(w, numeric.Int128{Hi: o.Hi, Lo: o.Lo})
	case momentsDouble:
		addDoubleMoments(w, math.Float64frombits(o.Lo))
	}
}

// better reports whether a value that compares so to the best so far replaces it.
func (f *Fold) better(order int) bool { return order != 0 && (order > 0) == f.larger }
