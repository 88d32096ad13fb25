// Package throughput measures the two paths against each other: the times of the
// batches that both finished in pairs, the ratio of their speeds with its interval,
// what V2 costs V1, the batches that V2 was given up on, and the work of V2's
// partitions. It knows nothing of how batches get to the paths.
//
// Stability: ours.
package throughput
