// Package numeric computes with exact numbers: whole numbers of 128 bits and the decimals that they
// stand for with a scale. It also reads and writes numbers as text. It knows nothing of types,
// columns and NULL.
//
// Stability: stable.
package numeric

// MaxPrecision is the largest number of digits of a decimal.
const MaxPrecision = 38
