// Package candidate keeps the candidate away from the control. A candidate runs on
// goroutines of its own, behind a queue with an end (queue.go), under policies that give
// it up (overload, catch-up, memory, deadline, headroom). Whatever it does, the worst that
// happens to the run is that it is detached: from its oldest unfinished batch on there is
// nothing to compare, until another candidate takes its place. Its life is a state machine
// (life.go).
//
// What one process cannot do is end a goroutine that does not want to end: a candidate
// that hangs is left behind, with what it holds.
//
// Stability: ours.
package candidate
