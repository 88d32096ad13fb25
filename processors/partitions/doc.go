// Package partitions is V2: records routed by key to N partitions, each a goroutine with
// an engine of its own, and their changes merged back into the total order. It also says
// how a V2 would route a plan, and can be given a part of the keys. Package pipeline is
// the other implementation of the same contract.
//
// Stability: ours.
package partitions
