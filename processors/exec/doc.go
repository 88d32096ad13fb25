// Package exec runs plans: expressions compiled once into functions, operators
// over batches, one Engine for each query and partition. It does not know
// whether it runs in V1 or in one of V2's partitions, and it starts no
// goroutine.
//
// Stability: ours.
package exec
