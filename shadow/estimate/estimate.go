// Package estimate computes figures with 95 % confidence intervals from times that are
// correlated, skewed and heavy-tailed: a typical difference, and a ratio of sums. Each
// figure lies within its interval. It also has a sketch of a stream of times, for
// quantiles. The package does not know what the times measure.
//
// Stability: ours.
package estimate

// Estimate is a figure and its 95 % confidence interval.
type Estimate struct {
	Value, Low, High float64
}
