package oracle

import (
	"math"
	"slices"

	"parallax/processors/row"
)

// percentile sorts all values, each as the least of those that have the same sign,
// power of two and 128th part of it; docs/SQL.md has the rule.
func percentile(part func(*aggregateCall) float64) func([]row.Value, *aggregateCall) (row.Value, error) {
	return func(values []row.Value, call *aggregateCall) (row.Value, error) {
		sorted := slices.Clone(values)
		slices.SortFunc(sorted, row.Compare)
		shown := make([]float64, len(sorted))
		for i, v := range sorted {
			shown[i] = v.Float64()
			if i > 0 && bucket(v.Float64()) == bucket(sorted[i-1].Float64()) {
				shown[i] = shown[i-1]
			}
			if shown[i] == 0 {
				shown[i] = 0
			}
		}
		whole, fraction := math.Modf(part(call) * float64(len(shown)-1))
		at := int(whole)
		low := shown[at]
		if fraction == 0 || shown[at+1] == low {
			return row.NewDouble(low), nil
		}
		product := fraction * (shown[at+1] - low)
		return row.NewDouble(low + float64(product)), nil
	}
}

// bucket returns a number's sign, power of two and 128th part. A number too small for a
// power of two of its own has those of the smallest.
func bucket(f float64) [3]int {
	switch {
	case f != f:
		return [3]int{2, 0, 0}
	case math.IsInf(f, 0):
		return [3]int{1 - 2*boolInt(f < 0), math.MaxInt, 0}
	}
	sign := 1 - 2*boolInt(f < 0)
	size := math.Abs(f)
	const smallest = -1022
	if size < math.Ldexp(1, smallest) {
		return [3]int{sign, smallest - 1, int(math.Ldexp(size, -smallest+7))}
	}
	fraction, exponent := math.Frexp(size) // in [0.5, 1)
	return [3]int{sign, exponent, int((fraction*2 - 1) * 128)}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// approxCountDistinct is HyperLogLog's estimate, by Ertl's formula, with 4,096 registers:
// the first twelve bits of a value's hash select a register, and the position of the first
// set bit after them is its candidate value.
func approxCountDistinct(rows [][]row.Value, _ *aggregateCall) (row.Value, error) {
	const m, after = 4096, 52
	var registers [m]int
	for _, v := range known(rows) {
		hash := row.Hash([]row.Value{v})
		number := 1
		for bit := after - 1; bit >= 0 && hash>>bit&1 == 0; bit-- {
			number++
		}
		r := &registers[hash>>after]
		*r = max(*r, number)
	}
	sum, none, full := 0.0, 0, 0
	for _, r := range registers {
		switch r {
		case 0:
			none++
		case after + 1:
			full++
		default:
			sum += math.Pow(2, -float64(r))
		}
	}
	if none == m {
		return row.NewBigint(0), nil
	}
	x := float64(none) / m
	sigma := x
	for k := 1; k < 64; k++ {
		sigma += math.Pow(x, math.Pow(2, float64(k))) * math.Pow(2, float64(k-1))
	}
	x = 1 - float64(full)/m
	tau := 1 - x
	for k := 1; k < 64; k++ {
		tau -= math.Pow(1-math.Pow(x, math.Pow(2, -float64(k))), 2) * math.Pow(2, -float64(k))
	}
	z := m*sigma + sum + m*tau/3*math.Pow(2, -after)
	return row.NewBigint(int64(math.Round(m * m / (2 * math.Ln2 * z)))), nil
}

// correlation is Pearson's correlation, computed by running means in input order.
func correlation(rows [][]row.Value, _ *aggregateCall) (row.Value, error) {
	var x, y []float64
	for _, r := range rows {
		if !r[0].IsNull() && !r[1].IsNull() {
			x, y = append(x, r[0].Float64()), append(y, r[1].Float64())
		}
	}
	xx, yy := comoment(x, x), comoment(y, y)
	switch {
	case !(xx > 0) || !(yy > 0):
		return row.NewDouble(math.NaN()), nil
	case len(x) == 2:
		if (x[1] > x[0]) == (y[1] > y[0]) {
			return row.NewDouble(1), nil
		}
		return row.NewDouble(-1), nil
	}
	r := comoment(x, y) / (math.Sqrt(xx) * math.Sqrt(yy))
	return row.NewDouble(math.Max(-1, math.Min(1, r))), nil
}

// comoment sums the products of x's distance from its mean before the value and y's
// distance from its mean after it.
func comoment(x, y []float64) float64 {
	meanX, meanY, sum := 0.0, 0.0, 0.0
	for i := range x {
		n := float64(i + 1)
		offX := x[i] - meanX
		meanX += offX / n
		meanY += (y[i] - meanY) / n
		product := offX * (y[i] - meanY)
		sum += float64(product)
	}
	return sum
}
