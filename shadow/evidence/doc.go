// Package evidence defines the results of a run: the types that the runner fills, the gate
// judges and the reports render. It imports none of them. JSON tags define the format of
// the summary, which is a contract with other programs.
//
// Stability: ours.
package evidence
