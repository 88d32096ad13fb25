// Package sql parses scripts: text to tokens to a tree. It knows the syntax of statements
// and not their meaning: the planner resolves names, checks types and refuses constructs.
// Every node has its position, for error messages.
//
// Stability: ours.
package sql
