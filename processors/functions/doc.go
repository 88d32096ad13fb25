// Package functions owns the scalar functions: the registry with the signature, the sentence
// and the example of each, which plan, `parallax functions` and the documentation read, what
// computes them, and the budget that bounds what they make. A function sees values and types,
// never a plan's expressions.
//
// Stability: ours.
package functions
