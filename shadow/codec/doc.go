// Package codec turns bytes into columns and rows into bytes: record values and
// keys by a source's formats, changes by a sink's, and the lines in which
// records are written to files. It decides nothing about time or order.
//
// Stability: ours.
package codec
