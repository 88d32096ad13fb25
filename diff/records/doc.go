// Package records compares two files of output records, the JSON lines that
// `parallax sql` writes. It reads them strictly: all that differs in the files is
// a difference at the level at which it is visible, or an error that names file
// and line. It is not for input records (shadow/ingest), and leaves the comparison
// of rows to diff.
//
// Stability: stable.
package records
