// Package signature owns how functions are called: the signatures that a registry writes as
// text, and which of them types a call with given arguments. It serves scalar functions and
// aggregates alike.
//
// Stability: ours.
package signature
