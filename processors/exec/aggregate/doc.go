// Package aggregate owns what the engine keeps of an aggregate: how a record is folded into the
// words and texts of a group, how it is taken away again, how groups merge, and what result
// that gives. It sees one group or some side by side; which groups there are, their windows and
// when their rows go out is exec's.
//
// Stability: ours.
package aggregate
