// Package opinion gives a second opinion on a compared batch: it encodes both paths' rows
// as their sinks would and compares bytes. It exists to find errors of package diff, so it
// uses none of its code: no identities, no keys known by address, no equality of values. It
// does not judge the candidate: if it disagrees with the comparison, Parallax has a bug.
//
// Stability: ours.
package opinion
