package diff

import (
	"math"

	"parallax/processors/row"
)

// The largest difference of a signature is that of the two rows whose values are the furthest apart:
// in the first differing column that has a number or a time on both sides. A signature of which no
// divergence has one, such as missing rows, has no largest difference.

// largest is the largest difference of a signature: of the batch being compared, which still has to be
// rendered, and of the part of the run.
type largest struct {
	of     divergence
	amount float64 // 0 for none
	part   *Example
}

// measure takes one more divergence of a signature.
func (f *findings) measure(s *Signature, d *divergence) {
	if f.amount == nil || d.rows.one == nil || d.rows.two == nil {
		return
	}
	if amount := f.amount(&d.rows); amount > s.large.amount && (s.large.part == nil || amount > s.large.part.Amount) {
		s.large.of, s.large.amount = *d, amount
	}
}

// showLargest renders the largest difference of a batch, if it is the largest of the part or of the
// run.
func (f *findings) showLargest(s *Signature, of func(pair) Example) {
	if s.large.amount == 0 {
		return
	}
	ex := s.large.of.show(of)
	ex.Amount = s.large.amount
	if s.large.part == nil {
		f.measured = append(f.measured, s)
	}
	s.large = largest{part: &ex}
	if s.Largest == nil || ex.Amount > s.Largest.Amount {
		s.Largest = &ex
	}
}

// cutLargest returns the largest differences since the last call, by signature.
func (f *findings) cutLargest() map[string]*Example {
	if len(f.measured) == 0 {
		return nil
	}
	part := make(map[string]*Example, len(f.measured))
	for _, s := range f.measured {
		part[s.ID] = s.large.part
		s.large.part = nil
	}
	f.measured = f.measured[:0]
	return part
}

// amount is how far two rows are apart, 0 if that is not known. How far the values of a redacted column
// are apart is not shown, so it does not count.
func (d *Differ) amount(p *pair) float64 {
	one, two := p.one, p.two
	for i := range min(len(one.Values), len(two.Values)) {
		x, y := one.Values[i], two.Values[i]
		if row.Equal(x, y) || d.redacts(p.sink, nameOf(p.sink.Values, i)) {
			continue
		}
		apart := 0.0
		eachDifference(x, y, func(_ path, x, y row.Value) bool {
			apart = distance(x, y)
			return apart == 0
		})
		if apart > 0 {
			return apart
		}
	}
	return distance(row.NewTimestamp(one.Timestamp), row.NewTimestamp(two.Timestamp))
}

// distance is how far two numbers or two times are apart, in ms or, of dates, in days; 0 for other
// values. JSON has no infinite number, so the largest distance is finite.
func distance(a, b row.Value) float64 {
	if k := a.Kind(); k == b.Kind() && hasWholeSteps(k) {
		x, y := a.Int64(), b.Int64()
		return float64(uint64(max(x, y)) - uint64(min(x, y)))
	}
	if isSpelled(a) || isSpelled(b) || kindOf(a) == row.Decimal && kindOf(b) == row.Decimal {
		return exactDistance(a, b)
	}
	if !isNumber(a) || !isNumber(b) {
		return 0
	}
	apart := math.Abs(a.AsDouble() - b.AsDouble())
	if math.IsNaN(apart) {
		return 0
	}
	return min(apart, math.MaxFloat64)
}

// exactDistance is the distance of numbers that a DOUBLE may not tell apart.
func exactDistance(a, b row.Value) float64 {
	x, xok := number(a)
	y, yok := number(b)
	if !xok || !yok {
		return 0
	}
	apart, _ := x.Sub(x, y).Float64()
	return min(math.Abs(apart), math.MaxFloat64)
}

// hasWholeSteps reports whether the values of a kind are whole numbers of something.
func hasWholeSteps(k row.Kind) bool {
	switch k {
	case row.Int, row.Bigint, row.Timestamp, row.Date, row.Time:
		return true
	}
	return false
}

// isNumber reports whether AsDouble can be asked of a value.
func isNumber(v row.Value) bool {
	switch v.Kind() {
	case row.Int, row.Bigint, row.Double, row.Decimal:
		return true
	}
	return false
}
