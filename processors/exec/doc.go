// Package exec runs plans: expressions compiled once into functions, operators over
// batches, and one Engine for each query and partition. An engine works the same in V1
// and in a partition of V2, and starts no goroutine.
//
// Stability: ours.
package exec
