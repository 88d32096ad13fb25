// Package pipeline is V1: one pipeline on the caller's goroutine, with one engine for each
// stage of the plan. Package partitions is V2, the other implementation of the same
// contract; Parallax compares their outcomes.
//
// Stability: ours.
package pipeline
