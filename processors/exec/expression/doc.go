// Package expression compiles typed expressions of a plan into functions that compute
// them for one record at a time: arithmetic, comparisons, casts, CASE, LIKE, calls of
// functions. Those of whole numbers, DOUBLEs and wide DECIMALs have forms of their own
// that make no Value. It does not know operators: package exec runs it over batches.
//
// Stability: ours.
package expression
