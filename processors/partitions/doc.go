// Package partitions is V2: it routes records by key to N partitions, each a goroutine with
// its own engine, and merges their changes back into the total order. It also reports
// how V2 would route a plan, and can run V2 on a sample of the keys. Package pipeline is
// the other implementation of the same contract.
//
// Stability: ours.
package partitions
