// Package aggregates owns the definitions of the aggregate functions: the registry with the
// signature, the result's type, the sentence and the example of each. How a group keeps one is
// the engine's, what it means is written once more in the oracle.
//
// Stability: ours.
package aggregates
