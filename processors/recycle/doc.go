// Package recycle keeps the memory of outcomes and slices for reuse. It does not know their
// contents.
//
// Stability: ours.
package recycle
