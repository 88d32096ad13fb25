// Package redaction owns what must not be shown of a job's records: which columns, sources and
// states contain values of the redacted columns, and the keyed hashes that are shown instead.
//
// Stability: ours.
package redaction
