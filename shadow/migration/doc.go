// Package migration decides when a job may change its stage: what a step forward needs and
// what of it is missing, when the job goes back by itself, and when a person has to release
// it. It is pure: the decisions depend on the policy, the state, the facts and the time that
// it is given.
//
// Stability: ours.
package migration
