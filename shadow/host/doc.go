// Package host reads and sets what this process gets from the machine: its CPU time and
// quota, its memory limit, its live heap, a reserved CPU for a thread, and the pace of the
// garbage collector while jobs run. It does not know batches and paths.
//
// Stability: ours.
package host
