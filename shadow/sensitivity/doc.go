// Package sensitivity checks in every run that the comparison detects differences: it changes
// copies of a few rows of V2, each in one way, and gives them to a comparison with memory of
// its own, which must find exactly that difference, with the right class.
//
// Stability: ours.
package sensitivity
