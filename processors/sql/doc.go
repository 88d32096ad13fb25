// Package sql reads scripts: text to tokens to a tree. It knows how statements
// are written, not what they mean: names are resolved, types checked and
// constructs refused by the planner. Every node carries where it stands, so
// that whoever refuses it can point there.
//
// Stability: ours.
package sql
