// Package opinion gives a second opinion on a batch that was compared: it encodes what
// both paths made of it as their sinks would and compares bytes. It is there to find
// errors of the comparison in package diff, so it uses nothing of it: no identities, no
// keys that are known by their place in memory, no equality of values. It decides
// nothing about V2; where it does not agree with the comparison, the tool is wrong.
//
// Stability: ours.
package opinion
