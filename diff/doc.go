// Package diff determines whether two paths' changelogs are equal, at which level, and
// where they differ. It compares typed values: hashes are only used to find equal ones. It
// does not judge: the gate decides what a difference means for a rollout.
//
// Stability: stable.
package diff
