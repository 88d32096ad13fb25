package oracle

import (
	"math"
	"math/big"

	"parallax/processors/row"
)

// variance divides the sum of squared distances by the number of values minus less, and
// with root takes the square root. DOUBLEs are summed by running means, in input order;
// other types exactly.
func variance(less int, root bool) func([]row.Value, *aggregateCall) (row.Value, error) {
	return func(values []row.Value, call *aggregateCall) (row.Value, error) {
		if len(values) <= less {
			return row.Value{}, nil
		}
		var f float64
		if t := call.Args[0].Type(); t.Kind == row.Double {
			f = welford(values) / float64(len(values)-less)
		} else {
			f = exactVariance(values, less, t.Scale)
		}
		if root {
			f = math.Sqrt(f)
		}
		return row.NewDouble(f), nil
	}
}

// welford sums the squared distances from the mean.
func welford(values []row.Value) float64 {
	mean, squares := 0.0, 0.0
	for i, v := range values {
		before := v.Float64() - mean
		mean += before / float64(i+1)
		after := v.Float64() - mean
		product := before * after
		squares = squares + float64(product)
	}
	return squares
}

// exactVariance is (n * the sum of squares - the square of the sum) in units of the
// last digit, over n * (n - less), each as the nearest DOUBLE.
func exactVariance(values []row.Value, less, scale int) float64 {
	n := big.NewRat(int64(len(values)), 1)
	sum, squares := new(big.Rat), new(big.Rat)
	for _, v := range values {
		x := toRat(v)
		sum.Add(sum, x)
		squares.Add(squares, new(big.Rat).Mul(x, x))
	}
	top := new(big.Rat).Sub(new(big.Rat).Mul(n, squares), new(big.Rat).Mul(sum, sum))
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(2*scale)), nil))
	bottom := new(big.Rat).Mul(n, big.NewRat(int64(len(values)-less), 1))
	a, _ := top.Mul(top, unit).Float64()
	b, _ := bottom.Mul(bottom, unit).Float64()
	return a / b
}
