// Package throughput compares the speeds of the two paths: the times of the batches that
// both finished, in pairs; the ratio of their speeds with its interval; how much the
// candidate slows the control down; the batches for which the candidate was abandoned; and
// the work of the candidate's partitions. It does not know how batches get to the paths.
//
// Stability: ours.
package throughput
