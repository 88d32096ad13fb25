// Package row defines the data that all other packages exchange: types and values, the
// columnar batch that both paths read, the changes that a path makes of it, and the
// canonical encoding and hash of a key.
//
// It is the leaf of the import graph: it knows nothing of SQL, Kafka or goroutines, and
// nothing in it decides what a query means.
//
// Stability: stable.
package row
