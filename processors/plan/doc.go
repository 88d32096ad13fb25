// Package plan turns a parsed script into what both paths run: bound and typed
// expressions, one Query per statement that makes rows, the columns that the
// decoder must deliver, and the key by which V2 may split each query.
//
// A plan says what a query means, never how it is run: V1, V2 and the oracle
// get the same one. It is immutable once built.
//
// Stability: stable.
package plan
