// Package recycle keeps memory that was used, for the next use: of outcomes, and of
// slices. It does not know what is in it.
//
// Stability: ours.
package recycle
