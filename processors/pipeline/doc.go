// Package pipeline is V1: one pipeline on the caller's goroutine, one engine for each
// stage of the plan. Package partitions is the other implementation of the same
// contract; their difference is what Parallax compares.
//
// Stability: ours.
package pipeline
