// Package evidence holds what a run shows: the types that the runner fills, the gate
// judges and the reports render. It imports none of them. Where a type has JSON tags, they
// are the format of the summary, which is a contract with other programs.
//
// Stability: ours.
package evidence
