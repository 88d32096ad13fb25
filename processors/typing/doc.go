// Package typing owns the rules of types: what two types have in common, what type an
// arithmetic expression has, and whether a value fits a type. plan types expressions by
// them, and functions their arguments.
//
// Stability: ours.
package typing
