// Package diff says whether two paths' changelogs are the same, how nearly, and
// where they are not. It compares typed values: hashes only ever find what is
// equal. It does not judge: what a difference means for a rollout is the gate's
// business.
//
// Stability: stable.
package diff
