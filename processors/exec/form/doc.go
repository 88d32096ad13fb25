// Package form owns how values of an operator's state are written as bytes, and read again:
// numbers, texts, DOUBLEs and row.Values. Each value has one form only, so that equal states
// have equal bytes. A Reader takes bytes from anywhere: it never panics, and allocates no more
// than a small multiple of what it is given. Which values an operator writes, and in which
// order, is the operator's; docs/STATE.md describes both.
//
// Stability: ours.
package form
