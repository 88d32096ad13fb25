// Package estimate computes figures with 95 % confidence intervals from times that
// are correlated, skewed and heavy-tailed: a typical difference, and a ratio of
// sums. Each figure lies within its own interval. It also keeps a sketch of a stream of
// times for its quantiles. The package knows nothing of what the times are of.
//
// Stability: ours.
package estimate

// Estimate is a figure and its 95 % confidence interval.
type Estimate struct {
	Value, Low, High float64
}
