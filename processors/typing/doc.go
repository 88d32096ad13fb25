// Package typing owns the rules of types: the common type of two types, the type of an
// arithmetic expression, and whether a value fits a type. plan uses them for expressions,
// functions for their arguments.
//
// Stability: ours.
package typing
